import { execFileSync, spawn } from "node:child_process"
import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { cli, main } from "./support/startCli.ts"
import { withFake } from "./support/withFake.ts"

const config = "tokenkeep.config.json"

/** Things that are in the place of a file, and cannot be read as one. */
const obstacles: ReadonlyArray<readonly [string, (path: string) => void, string]> = [
  ["a pipe that nothing writes to", (path) => void execFileSync("mkfifo", [path]), "it is not a regular file"],
  ["a folder", (path) => mkdirSync(path), "it is a folder"],
  [
    "a file of 8 GiB",
    (path) => {
      const handle = openSync(path, "w")
      ftruncateSync(handle, 8 * 2 ** 30)
      closeSync(handle)
    },
    "it is longer than"
  ]
]

describe.each(obstacles)("%s", (_, create, why) => {
  it("is refused as the configuration", async () => {
    await using given = await withFake()
    create(join(given.options.home, config))
    const { code, stderr } = await cli(["status"], given.options)
    expect(code).toBe(2)
    expect(stderr).toContain(`cannot be read: ${why}`)
  })

  it("is refused as the file of a secret", async () => {
    await using given = await withFake()
    create(join(given.options.home, "key"))
    const profile = { type: "deeply", apiKey: { file: "key" } }
    writeFileSync(join(given.options.home, config), JSON.stringify({ profiles: { a: profile } }))
    const { code, stderr } = await cli(["token"], given.options)
    expect(code).toBe(2)
    expect(stderr).toContain(`cannot be read: ${why}`)
  })

  it("is refused as a body, unless it is only large", async () => {
    await using given = await withFake()
    create(join(given.options.home, "body"))
    const { code, stderr } = await cli(["request", "POST", "/x", "-d", "@body"], given.options)
    expect(code).toBe(2)
    expect(stderr).toContain("The file of -d")
  })

  it("is refused as the file of faults", async () => {
    await using given = await withFake()
    create(join(given.options.home, "faults"))
    const { code, stderr } = await cli(["fake", "--listen", "0", "--faults", "faults"], given.options)
    expect(code).toBe(2)
    expect(stderr).toContain(`cannot be used: ${why}`)
  })

  it("is refused as a sealed file, by every command that reads it", async () => {
    await using given = await withFake()
    const { DEEPLY_API_KEY: key, ...others } = given.options.env
    const options = {
      home: given.options.home,
      env: { ...others, TOKENKEEP_ENCRYPTION_KEY: "kept for the tests, 32 characters" }
    }
    await cli(["login"], { ...options, input: key })
    const folder = join(given.options.home, ".config/tokenkeep/secrets")
    const path = join(folder, readdirSync(folder)[0]!)
    rmSync(path)
    create(path)
    for (const command of ["token", "doctor", "status", "logout"]) {
      const { stderr, stdout } = await cli([command], options)
      expect(stdout + stderr).toMatch(/cannot be|could not be decrypted/)
      expect(stdout + stderr).toContain(path)
      expect(stdout + stderr).not.toMatch(/EISDIR: |ERR_FS/)
    }
  })
})

describe("the folder of sealed files", () => {
  it.each([".config", ".config/tokenkeep", ".config/tokenkeep/secrets"])(
    "may be a file at %s, which login reports",
    async (path) => {
      await using given = await withFake()
      mkdirSync(join(given.options.home, path, ".."), { recursive: true })
      writeFileSync(join(given.options.home, path), "")
      const env = { ...given.options.env, TOKENKEEP_ENCRYPTION_KEY: "kept for the tests, 32 characters" }
      const { code, stderr } = await cli(["login", "--no-check"], {
        ...given.options,
        env,
        input: "sk-0123456789abcdef"
      })
      expect(code).toBe(2)
      expect(stderr).toMatch(/The sealed file .+ cannot be written: its folder is/)
    }
  )
})

describe("a configuration", () => {
  const withConfig = async (text: string) => {
    const given = await withFake()
    writeFileSync(join(given.options.home, config), text)
    return given
  }

  it("may begin with a byte-order mark", async () => {
    await using given = await withConfig(`\uFEFF${JSON.stringify({ profiles: { a: { type: "deeply" } } })}`)
    expect(await cli(["token"], given.options)).toMatchObject({ code: 0, stderr: "" })
  })

  it.each([
    ['{"profiles":{}}', "profiles has no profile"],
    ['{"profiles":{"__proto__":{"type":"deeply"},"a":{"type":"deeply"}}}', "the name __proto__, which is reserved"],
    ['{"profiles":{"constructor":{"type":"deeply"}}}', "the name constructor, which is reserved"],
    ['{"default":"lobyb","profiles":{"lobby":{"type":"deeply"},"crm":{"type":"deeply"}}}', "Did you mean lobby?"]
  ])("%s is refused: %s", async (text, why) => {
    await using given = await withConfig(text)
    for (const command of text.includes("default") ? ["token"] : ["status", "token"]) {
      const { code, stderr, stdout } = await cli([command], given.options)
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
      expect(stderr).toContain(why)
      expect(stderr).toContain(given.options.home)
    }
  })

  it("has a name with control characters, which no message prints", async () => {
    const name = "a\u001b[31mb\u009b\nc"
    await using given = await withConfig(
      JSON.stringify({ profiles: { [name]: { type: "deeply", host: "wrong host" } } })
    )
    for (const args of [["token"], ["token", "-p", "other"], ["status"], ["status", "--format", "json"], ["logout"]]) {
      const { stderr, stdout } = await cli(args, given.options)
      expect(stdout + stderr).toContain("31mb")
      // oxlint-disable-next-line eslint/no-control-regex -- control characters are what this is about
      expect(stdout + stderr).not.toMatch(/[\u001b\u009b]/)
    }
  })
})

describe("output that cannot be written", () => {
  const run = async (command: string, { env, home }: { env: Record<string, string>; home: string }) => {
    const start = `"${process.execPath}" "${main}"`
    const child = spawn("bash", ["-c", `${start} ${command}`], { cwd: home, env: { ...env, HOME: home } })
    let stderr = ""
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()))
    const code = await new Promise((resolve) => child.once("close", resolve))
    return { code, stderr }
  }

  it.each(["token", "status", "request GET /api/v1/mics", "mics", "events --format csv", "--help", "fake --listen 0"])(
    "ends %s with one line when the disk is full",
    async (command) => {
      await using given = await withFake()
      const { code, stderr } = await run(`${command} > /dev/full`, given.options)
      expect(code).toBe(1)
      expect(stderr).toMatch(/(?:^|\n)tokenkeep: stdout cannot be written: the disk is full \(ENOSPC\)\n$/)
      expect(stderr).not.toMatch(/^ +at /m)
    }
  )

  it("ends with its exit code when stderr cannot be written either", async () => {
    await using given = await withFake()
    expect(await run("token --format yaml 2> /dev/full", given.options)).toEqual({ code: 1, stderr: "" })
  })
})
