import { assertNoSecrets } from "@tokenkeep/core/testing"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { findRedis } from "redis-servers"
import { describe, expect, it } from "vitest"

const run = promisify(execFile)

const main = new URL("../src/main.ts", import.meta.url).pathname

/** As a person would run it, but for the colours that only a terminal gets. */
const demo = (environment: Record<string, string> = {}, ...options: ReadonlyArray<string>) => {
  const { DEEPLY_API_KEY: _key, DEEPLY_HOST: _host, FORCE_COLOR: _colour, REDIS_URL: _redis, ...rest } = process.env
  const args = ["--conditions=@tokenkeep/source", main, ...options]
  return run(process.execPath, args, { env: { ...rest, ...environment } })
}

describe("the demo", () => {
  it("TOK-2, TOK-5, REQ-1, REQ-7, KEY-1, KEY-2: shows the main job, renewals that nobody pays for, typed calls, and each error", async () => {
    const { stdout, stderr } = await demo()
    expect(stderr).toBe("")
    expect(stdout).toContain("listed 3 of 100 events with a plain fetch")
    expect(stdout).toContain("issue calls 1 · refused and repeated 50 · failed 0")
    expect(stdout).toContain("replaced a token of 2 s before its end")
    expect(stdout).toContain("reason window · background yes · callers who waited 0")
    expect(stdout).toContain("events.list: 3 of 100, checked and typed")
    expect(stdout).toMatch(/stopped after 25.*\n +pages of 10 · requests 3/)
    expect(stdout).toMatch(/15 calls at once.*\n +answered 15 · failed 0/)
    expect(stdout).toMatch(/5 without patience +RATE_LIMITED/)
    expect(stdout).toMatch(/401 Expired Token +TOKEN_EXPIRED/)
    expect(stdout).toMatch(/401 Invalid Key +TOKEN_INVALID/)
    expect(stdout).toMatch(/403 No Key +TOKEN_MISSING/)
    expect(stdout).toMatch(/the key is revoked +API_KEY_REJECTED/)
    expect(stdout).toMatch(/3 requests · issue calls 1 · remembered for (29|30) s/)
    expect(stdout).toMatch(/other requests 0 times/)
  })

  it("prints no colour codes into a pipe", async () => {
    const { stdout } = await demo()
    expect(stdout).not.toContain("\u001b[")
  })

  it("SEC-1: does the part that makes sense against a host named by the environment, and prints no secret", async () => {
    await using server = await startFakeDeeply()
    const { stdout } = await demo({ DEEPLY_API_KEY: server.apiKey, DEEPLY_HOST: server.url })
    expect(stdout).toContain(`the Deeply API at ${server.url}`)
    expect(stdout).toContain("listed 3 of 100 events")
    expect(server.stats.issued).toBe(2)
    assertNoSecrets(stdout, [server.apiKey])
  })

  it("says what is wrong and ends with 1 when the key is refused", async () => {
    await using server = await startFakeDeeply()
    const failure = await demo({ DEEPLY_API_KEY: "sk-live-wrong", DEEPLY_HOST: server.url }).catch((error) => error)
    expect(failure.code).toBe(1)
    expect(failure.stdout).toContain("API_KEY_REJECTED")
  })

  const storages = [["one file storage"], ...(findRedis() === undefined ? [] : [["one Redis", "--redis"]])]

  it.each(storages)("TOK-3: shows processes that share one token on %s, and nobody who fails", async (name, ...on) => {
    const { stdout, stderr } = await demo({}, "--fleet", "3", "--seconds", "3", ...on)
    expect(stderr).toBe("")
    expect(stdout).toContain(`3 processes of 50 callers on ${name}`)
    expect(stdout.match(/^ {2}\d +\d+ +\d+ +\d+ ms +(none|held|waiting) +\d+ +0$/gm)).toHaveLength(3)
    expect(stdout).toMatch(/[1-6] issue calls for 150 callers in 3 s · failed 0/)
  })
})
