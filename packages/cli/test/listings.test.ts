import { describe, expect, it } from "vitest"
import { cli, startCli } from "./support/startCli.ts"
import { withFake } from "./support/withFake.ts"

describe("tokenkeep events", () => {
  it("lists all pages as a table, JSON lines or CSV", async () => {
    await using given = await withFake({ rateLimits: false, events: 250 })
    const table = await cli(["events"], given.options)
    expect(table.stderr).toBe("")
    expect(table.stdout.split("\n")).toHaveLength(252)
    expect(table.stdout).toMatch(/^created_at +label +confidence +mic +id\n/)
    const json = await cli(["events", "--format", "json", "--limit", "3"], given.options)
    expect(
      json.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).id)
    ).toEqual(["event-1", "event-2", "event-3"])
    const csv = await cli(["events", "--format", "csv", "--limit", "1"], given.options)
    expect(csv.stdout).toMatch(/^created_at,label,confidence,mic,id\n[^\n]+,event-1\n$/)
  })

  it("selects by time, label and microphone", async () => {
    await using given = await withFake()
    const filters = ["--since", "2025-08-31T00:00:00Z", "--until", "2025-08-31T11:40:00Z", "--label", "scream_female"]
    const { stdout } = await cli(["events", "--format", "json", ...filters], given.options)
    const found = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(found.length).toBeGreaterThan(0)
    for (const event of found) expect(event.label.id).toBe("scream_female")
    expect(given.fake.stats.log.at(-1)?.path).toContain("label_id=scream_female")
  })

  it("follows: prints each event once, oldest first, until Ctrl-C", async () => {
    await using given = await withFake()
    const args = ["events", "--follow", "--since", "2025-08-31T11:00:00Z", "--interval", "1", "--format", "json"]
    const { child, result } = startCli(args, given.options)
    const before = given.fake.stats.requests
    // Two polls: the second finds nothing new.
    while (given.fake.stats.requests < before + 3) await new Promise((resolve) => setTimeout(resolve, 50))
    child.kill("SIGINT")
    const { code, stderr, stdout } = await result
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" })
    const times = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).created_at as string)
    expect(times).toEqual(times.toSorted((a, b) => Date.parse(a) - Date.parse(b)))
    expect(new Set(times).size).toBe(times.length)
  })

  it.each(["5x", "yesterday", "-3h"])("refuses --since=%s", async (since) => {
    await using given = await withFake()
    const { code, stderr } = await cli(["events", `--since=${since}`], given.options)
    expect(code).toBe(2)
    expect(stderr).toContain("--since")
    expect(given.fake.stats.issued).toBe(0)
  })

  it("says that nothing was found, which may be a mistake", async () => {
    await using given = await withFake()
    const { code, stderr, stdout } = await cli(["events", "--label", "dog"], given.options)
    expect({ code, stderr }).toEqual({ code: 0, stderr: "tokenkeep: 0 events were found\n" })
    expect(stdout).toMatch(/^created_at +label.*\n$/)
  })

  it("shows no control characters of the server in a table", async () => {
    const label = { id: "a\u001b[31mb", name: { ko: "가", en: "a" } }
    const mic = { id: "m", name: "행\u202e\nB", location: { latitude: 1, longitude: 2 } }
    const event = {
      id: "e",
      label,
      confidence: 1,
      mic,
      created_at: "2025-08-31T00:00:00Z",
      updated_at: "2025-08-31T00:00:00Z"
    }
    await using given = await withFake({ events: [event] })
    const { stdout } = await cli(["events"], given.options)
    expect(stdout.split("\n")).toHaveLength(3)
    expect(stdout).toContain("a\ufffd[31mb")
    expect(stdout).toContain("행\ufffd\ufffdB")
  })
})

describe("tokenkeep mics", () => {
  it("lists microphones", async () => {
    await using given = await withFake()
    const { code, stdout } = await cli(["mics", "--edge", "edge-2", "--format", "csv"], given.options)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^id,name,status,host,edge,latitude,longitude\nmic-2,/)
    expect(stdout).not.toContain("edge-1")
  })
})
