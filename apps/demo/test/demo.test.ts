import { assertNoSecrets } from "@tokenkeep/core/testing"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { promisify } from "node:util"
import { findRedis } from "redis-servers"
import { describe, expect, it } from "vitest"

const run = promisify(execFile)

const main = new URL("../src/main.ts", import.meta.url).pathname

/** Runs the demo as a user would, without the variables that change what it does. */
const demo = (environment: Record<string, string> = {}, ...options: ReadonlyArray<string>) => {
  const { DEEPLY_API_KEY: _key, DEEPLY_HOST: _host, FORCE_COLOR: _colour, REDIS_URL: _redis, ...rest } = process.env
  const args = ["--conditions=@tokenkeep/source", main, ...options]
  return run(process.execPath, args, { env: { ...rest, ...environment } })
}

/** The times and counts of a run differ from those of another. */
const withoutCounts = (output: string): string => output.replaceAll(/ +\d+ ms|\d+ requests\b/g, "")

/** What the README says that the demo prints. */
const linesInReadme = (): ReadonlyArray<string> => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8")
  const output = /```text\n(Promise API.*?)```/s.exec(readme)?.[1] ?? ""
  return withoutCounts(output).trim().split("\n")
}

describe("the demo", () => {
  it("TOK-2, TOK-5, REQ-1, REQ-7, KEY-1, KEY-2: shows requests, renewals, typed calls and each error", async () => {
    const { stdout, stderr } = await demo()
    expect(stderr).toBe("")
    const shown = linesInReadme()
    expect(shown.length).toBeGreaterThan(10)
    for (const line of shown) expect(withoutCounts(stdout)).toContain(line)
    expect(stdout).toContain("token requests: 1 · repeated with the new token: 50 · failed: 0")
    expect(stdout).toContain("in the background: yes · requests that waited: 0")
    expect(stdout).toContain("events.list() returned 3 of 100 events, validated and typed")
    expect(stdout).toMatch(/stopped after 25 of 100 events.*\n +requests: 3, for pages of 10 events/)
    expect(stdout).toMatch(/15 calls at once.*\n +succeeded: 15 · failed: 0/)
    expect(stdout).toMatch(/5 of 15 with maxWait 1 ms +RATE_LIMITED/)
    expect(stdout).toMatch(/API key revoked +API_KEY_REJECTED/)
    expect(stdout).toMatch(/requests: 3 · token requests: 1 · next one in (29|30) s/)
    expect(stdout).toMatch(/sent with \d+ token requests and 0 of \d+ others/)
  })

  it("prints no colour codes into a pipe", async () => {
    const { stdout } = await demo()
    expect(stdout).not.toContain("\u001b[")
  })

  it("SEC-1: uses the API named by the environment, and prints no secret", async () => {
    await using server = await startFakeDeeply()
    const { stdout } = await demo({ DEEPLY_API_KEY: server.apiKey, DEEPLY_HOST: server.url })
    expect(stdout).toContain(`with the Deeply API at ${server.url}`)
    expect(stdout).toContain("fetched 3 of 100 events")
    expect(server.stats.issued).toBe(2)
    assertNoSecrets(stdout, [server.apiKey])
  })

  it("prints the error and exits with 1 if the API key is rejected", async () => {
    await using server = await startFakeDeeply()
    const failure = await demo({ DEEPLY_API_KEY: "sk-live-wrong", DEEPLY_HOST: server.url }).catch((error) => error)
    expect(failure.code).toBe(1)
    expect(failure.stdout).toContain("API_KEY_REJECTED")
  })

  const storages = [["one directory"], ...(findRedis() === undefined ? [] : [["one Redis", "--redis"]])]

  it.each(storages)(
    "TOK-3: shows processes that share one token through %s, without failures",
    async (name, ...args) => {
      const { stdout, stderr } = await demo({}, "--fleet", "3", "--seconds", "3", ...args)
      expect(stderr).toBe("")
      expect(stdout).toContain(`3 processes with 50 callers each, sharing ${name}`)
      expect(stdout.match(/^ {2}\d +\d+ +\d+ +\d+ ms +(none|held|waiting) +\d+ +0$/gm)).toHaveLength(3)
      expect(stdout).toMatch(/[1-6] token requests for 150 callers in 3 s · failed: 0/)
    }
  )

  it("TOK-3: shows a fleet on a page, and prints its address", async () => {
    const { stdout, stderr } = await demo({}, "--console", "--fleet", "2", "--seconds", "2")
    expect(stderr).toBe("")
    expect(stdout).toContain("2 processes with 8 callers each share one API key through files")
    expect(stdout).toMatch(/Open http:\/\/127\.0\.0\.1:\d+\/-\/console/)
    expect(stdout).toMatch(/\d+ token requests? · [1-9]\d* requests served · 0 failed/)
  })

  it.each([
    ["--port", "http", '--port is "http". Pass a whole number from 0 to 65535.'],
    ["--fleet", "0", '--fleet is "0". Pass a whole number from 1 to 32.'],
    ["--seconds", "1.5", '--seconds is "1.5". Pass a whole number from 1 to 86400.']
  ])("says what to pass if %s is %s", async (option, value, message) => {
    const failure = await demo({}, "--console", option, value).catch((error) => error)
    expect(failure).toMatchObject({ code: 1, stderr: "" })
    expect(failure.stdout).toContain(message)
  })

  it("says what to do if another program uses the port", async () => {
    await using server = await startFakeDeeply()
    const { port } = new URL(server.url)
    const failure = await demo({}, "--console", "--fleet", "1", "--port", port).catch((error) => error)
    expect(failure).toMatchObject({ code: 1, stderr: "" })
    expect(failure.stdout).toContain(`Cannot listen on port ${port}: another program uses it.`)
  })
})
