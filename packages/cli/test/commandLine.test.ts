import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { rootCommand } from "../src/program/rootCommand.ts"
import { printed } from "./support/parse.ts"
import { cli, temporaryHome } from "./support/startCli.ts"
import { withFake } from "./support/withFake.ts"

describe("the command line", () => {
  it.each([
    [["tokn"], "Did you mean token?"],
    [["token", "--reveil"], "Did you mean --reveal?"],
    [["token", "--format", "yaml"], "Allowed choices are"],
    [["request", "GET"], "missing required argument 'path'"],
    [["token", "extra"], "too many arguments"],
    [["events", "--limit", "0"], "must be a whole number of events"]
  ])("%j is refused: %s", async (args, why) => {
    using home = temporaryHome()
    const { code, stderr, stdout } = await cli(args, { home: home.path })
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toContain(why)
  })

  const commands = rootCommand("0.0.0", AbortSignal.abort()).commands.map((command) => ({
    name: command.name(),
    options: command.options.flatMap(({ long }) => long ?? [])
  }))

  it.each(commands)("$name names an unknown option, and suggests the nearest one", async ({ name, options }) => {
    const messageFor = async (...args: ReadonlyArray<string>) => {
      const { code, text } = await printed([name, ...args])
      expect(code).toBe(2)
      return text
    }
    expect(await messageFor("--gibberish", "5")).toMatch(/^tokenkeep: unknown option '--gibberish'\n/)
    expect(await messageFor("--gibberish=5")).toMatch(/^tokenkeep: unknown option '--gibberish'\n/)
    expect(await messageFor("-z5")).toMatch(/^tokenkeep: unknown option '-z'\n/)
    expect(options).toContain("--quiet")
    for (const option of options) {
      const wrong = `${option}x`
      expect(await messageFor(wrong, "5")).toContain(`unknown option '${wrong}'\n(Did you mean ${option}?)`)
    }
  })

  it.each(["redis://user:pass-canary@localhost", "--config=https://pass-canary@example.test/x"])(
    "a URL with a password is refused, because ps shows it",
    async (argument) => {
      using home = temporaryHome()
      const { code, stderr } = await cli(["token", argument], { home: home.path })
      expect(code).toBe(2)
      expect(stderr).toContain("every user of this machine can see")
      expect(stderr).not.toContain("pass-canary")
    }
  )

  it("shows help with examples, which names every command and option once", async () => {
    using home = temporaryHome()
    const { code, stdout } = await cli(["--help"], { home: home.path })
    expect(code).toBe(0)
    const names = Array.from(stdout.matchAll(/^ {2}([a-z]+)\b/gm), ([, name]) => name)
    expect(names).toEqual(expect.arrayContaining(["token", "request", "events", "mics", "fake", "completion"]))
    for (const name of names.filter((each) => each !== "help" && each !== "completion")) {
      const help = await cli(["help", name!], { home: home.path })
      expect(help.code).toBe(0)
      expect(help.stdout).toContain("Examples:")
    }
  })

  it.each(["bash", "zsh", "fish"])("writes the completion of %s", async (shell) => {
    using home = temporaryHome()
    const { code, stdout } = await cli(["completion", shell], { home: home.path })
    expect(code).toBe(0)
    expect(stdout).toContain("tokenkeep")
  })

  it("completes commands, options and their values, without a secret", async () => {
    await using given = await withFake()
    const completed = async (...args: ReadonlyArray<string>) =>
      (await cli(["complete", "--", ...args], given.options)).stdout
    expect(await completed("tok")).toContain("token\t")
    expect(await completed("events", "--fol")).toContain("--follow")
    expect(await completed("token", "--format", "")).toContain("exec-credential")
    expect(await completed("")).not.toContain(given.fake.apiKey)
  })

  it("completes the names of profiles, and nothing if the configuration cannot be used", async () => {
    using home = temporaryHome()
    const file = join(home.path, "tokenkeep.config.json")
    const profile = { type: "deeply", apiKey: { env: "KEY" } }
    writeFileSync(file, JSON.stringify({ profiles: { lobby: profile, loft: profile, "two words": profile } }))
    const options = { home: home.path, env: { KEY: "sk-canary-0123456789abcdef" } }
    const completed = async (...args: ReadonlyArray<string>) => cli(["complete", "--", ...args], options)
    expect((await completed("token", "--profile", "lo")).stdout).toBe("lobby\t\nloft\t\n:4\n")
    expect((await completed("status", "-p", "")).stdout).toBe("lobby\t\nloft\t\n:4\n")
    execFileSync("mkfifo", [join(home.path, "pipe")])
    writeFileSync(join(home.path, "broken"), "{")
    for (const broken of ["pipe", "broken", "nowhere"]) {
      expect(await completed("token", "--config", broken, "--profile", "lo")).toEqual({
        code: 0,
        stdout: ":4\n",
        stderr: ""
      })
    }
  })

  it("uses no colour", async () => {
    await using given = await withFake()
    const { stderr, stdout } = await cli(["token"], {
      ...given.options,
      env: { ...given.options.env, FORCE_COLOR: "1" }
    })
    expect(stdout + stderr).not.toContain("\u001b")
  })
})
