// The command as its users install it: globally, with npm, in an empty home.
import { mkdirSync, mkdtempSync } from "node:fs"
import { join } from "node:path"
import { describe, expect } from "vitest"
import { publicPackages } from "../publicPackages.ts"
import { run } from "../run.ts"
import { it as base } from "./fixtures.ts"
import { tarballs } from "./installProject.ts"
import { Program } from "./Program.ts"

const { version } = publicPackages().find(({ manifest }) => manifest.name === "@tokenkeep/cli")!.manifest

const it = base
  .extend("home", { scope: "file" }, ({ work }) => mkdtempSync(join(work, "home-")))
  .extend("command", { scope: "file" }, async ({ home }) => {
    const prefix = join(home, "global")
    mkdirSync(prefix)
    const install = ["install", "--global", "--no-audit", "--no-fund", "--prefix", prefix, tarballs["@tokenkeep/cli"]!]
    await run("npm", install, { cwd: home, env: { PATH: process.env["PATH"], HOME: home } })
    return join(prefix, "bin", "tokenkeep")
  })

describe.for(["node22", "node24", "node26"] as const)("tokenkeep on %s", (node) => {
  it("prints its version and its help", async ({ command, home, tools }) => {
    const env = { HOME: home }
    expect(await run(tools[node], [command, "--version"], { cwd: home, env })).toBe(`${version}\n`)
    expect(await run(tools[node], [command, "--help"], { cwd: home, env })).toContain("Commands:")
  })

  it("requests a token once for two calls, and sends a request with it", async ({ command, home, testing, tools }) => {
    await using fake = await testing.startFakeDeeply()
    const env = { HOME: home, DEEPLY_API_KEY: fake.apiKey, DEEPLY_HOST: fake.url }
    const tokenkeep = (...args: ReadonlyArray<string>) => run(tools[node], [command, ...args], { cwd: home, env })
    expect(await tokenkeep("token", "--reveal")).toBe(await tokenkeep("token", "--reveal"))
    expect(JSON.parse(await tokenkeep("request", "GET", "/api/v1/mics/mic-1"))).toMatchObject({ id: "mic-1" })
    expect(await tokenkeep("events", "--limit", "2", "--format", "csv")).toMatch(
      /^created_at,.*\n.*event-1\n.*event-2\n$/
    )
    expect(fake.stats.issued).toBe(1)
  })

  it("serves the API, says that it is ready, and ends at SIGTERM", async ({ command, home, testing, tools }) => {
    await using fake = await testing.startFakeDeeply()
    const env = { HOME: home, DEEPLY_API_KEY: fake.apiKey, DEEPLY_HOST: fake.url }
    const sidecar = new Program(tools[node], [command, "serve", "--listen", "127.0.0.1:0"], home, env)
    const url = await sidecar.prints(/^export TOKENKEEP_URL=(.+)$/m)
    expect((await fetch(`${url}/api/v1/mics/mic-1`)).status).toBe(200)
    const probe = ["serve", "--probe", "--listen", new URL(url).host]
    expect(await run(tools[node], [command, ...probe], { cwd: home, env })).toContain('"ready"')
    expect(await (await fetch(`${url}/-/metrics`)).text()).toContain("tokenkeep_token_requests")
    expect(await (await fetch(`${url}/-/console`)).text()).toContain("<!doctype html>")
    sidecar.signal("SIGTERM")
    await sidecar.ended()
  })

  it("checks what a profile needs, and says where its secret is from", async ({ command, home, testing, tools }) => {
    await using fake = await testing.startFakeDeeply()
    const env = { HOME: home, PATH: "", DEEPLY_API_KEY: fake.apiKey, DEEPLY_HOST: fake.url }
    const options = { cwd: home, env }
    const status = JSON.parse(await run(tools[node], [command, "status", "--format", "json"], options))
    expect(JSON.stringify(status)).toContain("DEEPLY_API_KEY")
    expect(await run(tools[node], [command, "doctor"], options)).not.toContain(fake.apiKey)
  })

  it("checks a configuration file", async ({ command, home, tools }) => {
    const config = join(import.meta.dirname, "programs/wrong.config.json")
    const failed = run(tools[node], [command, "token", "--config", config], { cwd: home, env: { HOME: home } })
    await expect(failed).rejects.toThrow("profiles.lobby.hots is unknown. Did you mean host?")
  })
})

it("says on an older Node which version it needs, and nothing else", async ({ command, home, tools }) => {
  const failed = run(tools.node20, [command, "token"], { cwd: home, env: { HOME: home } })
  await expect(failed).rejects.toThrow(/exited with 1\ntokenkeep: needs Node 22\.19 or later; this is v20\.20\.2\.$/)
})
