import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { execFile } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"
import { findRedis, startServer } from "redis-servers"
import { describe, expect, it, onTestFinished } from "vitest"
import { cli, temporaryHome } from "../support/startCli.ts"
import { sidecarOf } from "./support/servers.ts"

const docs = join(import.meta.dirname, "../../../../docs")
const run = promisify(execFile)

/** The command that runs a program of each language, and the name of its file. */
const runners: Readonly<Record<string, { readonly command: ReadonlyArray<string>; readonly file: string }>> = {
  bash: { command: ["bash"], file: "mics.sh" },
  python: { command: ["python3"], file: "mics.py" },
  java: { command: ["java"], file: "Mics.java" },
  go: { command: ["go", "run"], file: "mics.go" }
}

const isOnPath = (name: string): boolean =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)))

const programs = Array.from(
  readFileSync(join(docs, "other-languages.md"), "utf8").matchAll(
    /```(bash|python|java|go)\n([\s\S]*?)\n```\n\n```text\n([\s\S]*?)\n```/g
  ),
  ([, language = "", text = "", printed = ""]) => ({ language, text, printed })
)

const escaped = (literal: string) => literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)

describe("the page on other languages", () => {
  it("has a program in each language", () => {
    expect(programs.map(({ language }) => language)).toEqual(Object.keys(runners))
  })

  // A language that this machine does not have is not run: the program is only checked for the address that it calls.
  it.each(programs)("prints what it says: $language", async ({ language, printed, text }) => {
    expect(text).toContain("TOKENKEEP_URL")
    const { command, file } = runners[language]!
    const [name = "", ...args] = command
    if (!isOnPath(name) || (language === "bash" && !isOnPath("curl"))) return
    await using fake = await startFakeDeeply()
    const { url } = await sidecarOf(fake.url, { apiKey: fake.apiKey })
    const folder = mkdtempSync(join(tmpdir(), "languages-"))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, file)
    writeFileSync(path, text)
    const { stdout } = await run(name, [...args, path], { env: { ...process.env, TOKENKEEP_URL: url } })
    expect(stdout).toMatch(new RegExp(`^${printed.split("…").map(escaped).join("[^]*")}`))
  })
})

describe("the page on Kubernetes", () => {
  it("uses options that the command has", async () => {
    using home = temporaryHome()
    const { stdout } = await cli(["serve", "--help"], { home: home.path })
    const page = readFileSync(join(docs, "kubernetes.md"), "utf8")
    const options = new Set(Array.from(page.matchAll(/--[a-z-]+/g), ([option]) => option))
    expect([...options].filter((option) => !stdout.includes(`${option} `))).toEqual([])
    expect(options.size).toBeGreaterThan(3)
  })

  it.skipIf(findRedis() === undefined)("shows a CronJob whose five jobs send one token request", async () => {
    await using redis = await startServer()
    await using fake = await startFakeDeeply()
    const [, args = ""] = /args: (\["request".*\])/.exec(readFileSync(join(docs, "kubernetes.md"), "utf8")) ?? []
    const env = { DEEPLY_API_KEY: fake.apiKey, DEEPLY_HOST: fake.url, REDIS_URL: redis.url }
    const job = async () => {
      using home = temporaryHome()
      return await cli(JSON.parse(args) as ReadonlyArray<string>, { home: home.path, env })
    }
    const jobs = await Promise.all([job(), job(), job(), job(), job()])
    expect(jobs.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0])
    expect(fake.stats.tokenRequests).toBe(1)
  })
})
