import { describe, expect, it } from "vitest"
import { pauseAfter } from "../src/listing/followEvents.ts"
import { cli, startCli } from "./support/startCli.ts"
import { inTerminal } from "./support/terminal.ts"
import { withFake } from "./support/withFake.ts"

const follow = ["events", "--follow", "--since", "2025-08-31T11:00:00Z", "--interval", "1", "--format", "json"]

describe("tokenkeep events --follow", () => {
  it("reports an outage once, goes on, and prints each event once", async () => {
    await using given = await withFake()
    given.fake.script([
      { on: "general", reset: true, times: 2 },
      { on: "general", status: 503, times: 1 }
    ])
    const { child, result } = startCli(follow, given.options)
    let shown = ""
    child.stderr?.on("data", (chunk: Buffer) => {
      shown += chunk.toString()
      if (shown.includes("responds again")) child.kill("SIGINT")
    })
    const { code, stderr, stdout } = await result
    expect(code).toBe(130)
    expect(stderr).toMatch(
      /^tokenkeep: TRANSPORT_FAILED: .+\n {2}fix: .+\n {2}page: .+\n {2}next: {2}in 1 s, and then with longer pauses\ntokenkeep: the API responds again\n$/
    )
    const ids = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).id as string)
    expect(ids.length).toBeGreaterThan(0)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it("prints the events of a listing of which a page failed", async () => {
    await using given = await withFake({ rateLimits: false, events: 150 })
    let pages = 0
    given.fake.script([
      {
        on: "general",
        times: 2,
        before: () => {
          pages += 1
        }
      },
      { on: "general", status: 503, times: 1 }
    ])
    const { stdout } = await cli(
      ["events", "--follow", "--since", "2020-01-01T00:00:00Z", "--interval", "1", "--limit", "150", "--format", "csv"],
      given.options
    )
    expect(pages).toBe(2)
    expect(stdout.trim().split("\n")).toHaveLength(151)
  })

  it("ends after an error that comes again", async () => {
    await using given = await withFake()
    given.fake.script([{ on: "general", status: 400, times: Infinity }])
    const { code, stderr } = await cli(follow, given.options)
    expect(code).toBe(1)
    expect(stderr).toContain("API_ERROR")
  })

  it("ends after --limit events", async () => {
    await using given = await withFake()
    const { code, stderr, stdout } = await cli([...follow, "--limit", "2"], given.options)
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout.trim().split("\n")).toHaveLength(2)
  })

  const waiting = "Waiting for events. Ctrl-C ends it."

  it("says once in a terminal that it waits, and how to end it", async () => {
    await using given = await withFake()
    const shownUntil = async (...options: ReadonlyArray<string>) => {
      const args = ["events", "--follow", ...options]
      return inTerminal(args, { ...given.options, prompt: "created_at", keys: "\u0003" })
    }
    const { code, shown } = await shownUntil()
    expect(code).toBe(130)
    expect(shown.split(waiting)).toHaveLength(2)
    expect(shown.indexOf(waiting)).toBeLessThan(shown.indexOf("created_at"))
    expect((await shownUntil("--quiet")).shown).not.toContain(waiting)
  })

  it("doubles the pause after each failure, up to a minute or the interval", () => {
    expect([1, 2, 3, 4, 5, 6].map((failures) => pauseAfter(failures, 5_000))).toEqual([
      5_000, 10_000, 20_000, 40_000, 60_000, 60_000
    ])
    expect(pauseAfter(9, 600_000)).toBe(600_000)
    expect(pauseAfter(5_000, 5_000)).toBe(60_000)
  })
})
