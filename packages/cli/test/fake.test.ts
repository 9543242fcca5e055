import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { cli, startCli, temporaryHome } from "./support/startCli.ts"

const running = async (home: string, args: ReadonlyArray<string> = []) => {
  const { child, result } = startCli(["fake", "--listen", "127.0.0.1:0", ...args], { home })
  const [chunk] = (await once(child.stdout!, "data")) as [Buffer]
  const env = Object.fromEntries(
    chunk
      .toString()
      .trim()
      .split("\n")
      .map((line) => line.replace("export ", "").split("="))
  )
  return { env: env as Record<"DEEPLY_HOST" | "DEEPLY_API_KEY", string>, child, result }
}

describe("tokenkeep fake", () => {
  it("prints what a shell evaluates, and serves the API until Ctrl-C", async () => {
    using home = temporaryHome()
    const { child, env, result } = await running(home.path)
    const { code, stdout } = await cli(["request", "GET", "/api/v1/mics/mic-1"], { home: home.path, env })
    expect({ code, id: JSON.parse(stdout).id }).toEqual({ code: 0, id: "mic-1" })
    child.kill("SIGINT")
    const ended = await result
    expect(ended.code).toBe(0)
    expect(ended.stderr).toContain("received 1 request and issued 1 token.")
  })

  it("fails as a file of faults says", async () => {
    using home = temporaryHome()
    const file = join(home.path, "faults.json")
    writeFileSync(file, JSON.stringify([{ on: "general", status: 503, times: "always" }]))
    const { child, env, result } = await running(home.path, ["--faults", file])
    const calls = [1, 2].map(() => cli(["request", "GET", "/api/v1/mics"], { home: home.path, env }))
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual([5, 5])
    child.kill("SIGINT")
    expect((await result).code).toBe(0)
  })

  it.each([
    [["--listen", "0.0.0.0:8100"], "not a port of this machine"],
    [["--listen", "127.0.0.1:99999"], "not a port of this machine"],
    [["--faults", "/nowhere.json"], "ENOENT"],
    [["--lifetime", "-1"], "must be a number"]
  ])("refuses %j", async (args, why) => {
    using home = temporaryHome()
    const { code, stderr } = await cli(["fake", ...args], { home: home.path })
    expect(code).toBe(2)
    expect(stderr).toContain(why)
  })

  it("says that a port is in use", async () => {
    using home = temporaryHome()
    const { child, env, result } = await running(home.path)
    const { code, stderr } = await cli(["fake", "--listen", new URL(env.DEEPLY_HOST).host], { home: home.path })
    expect(code).toBe(2)
    expect(stderr).toContain("another server uses this port")
    child.kill("SIGINT")
    await result
  })
})
