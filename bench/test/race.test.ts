import { startStorage } from "fleet"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { findRedis } from "redis-servers"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { barsOf } from "../src/race/bars.ts"
import { chart } from "../src/race/chart.ts"
import { entries } from "../src/race/entries.ts"
import type { Race } from "../src/race/Race.ts"
import { runRace } from "../src/race/runRace.ts"
import { startServer } from "../src/race/startServer.ts"
import { format, markdownOf, type Table, valueOf } from "../src/race/Table.ts"
import { write } from "../src/race/write.ts"

/** A race of few operations. Its times mean nothing, its counts do. */
const sample = async (parts: ReadonlyArray<string>): Promise<ReadonlyArray<Table>> => {
  await using server = await startServer()
  await using file = await startStorage("file")
  await using redis = findRedis() === undefined ? undefined : await startStorage("redis")
  const race: Race = {
    server,
    rounds: 1,
    scale: 0.05,
    storage: { file: file.url.slice("file:".length), redis: redis?.url },
    // The libraries that only `pnpm bench` installs.
    without: Object.keys(entries).filter((name) => entries[name]?.module.startsWith("../"))
  }
  return await runRace(race, parts, { seconds: 1 })
}

describe("a sample of the race", () => {
  let tables: ReadonlyArray<Table> = []
  const titled = (text: string) => tables.find(({ title }) => title.includes(text))
  beforeAll(async () => {
    // For the processes that the race starts.
    vi.stubEnv("NODE_OPTIONS", "--conditions=@tokenkeep/source")
    tables = await sample(["token", "requests", "stampede", "fleet", "revocation"])
  })

  it("measures every table, with a row for each of those that take part", () => {
    expect(tables).toHaveLength(9)
    for (const { rows } of tables) {
      expect(Object.keys(rows)).toContainEqual(expect.stringMatching(/^tokenkeep/))
      const numbers = Object.values(rows).flatMap((cells) => Object.values(cells).flat())
      expect(numbers.filter((number) => !Number.isFinite(number))).toEqual([])
    }
  })

  it("one token request serves all callers of a process, and all processes on files", () => {
    const [one, many] = [titled("in one process"), titled("voids the one before")]
    expect(valueOf(one, "tokenkeep", "token requests")).toBe(1)
    expect(valueOf(many, "tokenkeep/file", "token requests")).toBe(1)
    expect(valueOf(many, "tokenkeep/file", "failed requests")).toBe(0)
    expect(valueOf(many, "undici interceptor", "token requests")).toBe(2)
  })

  it("counts the requests of a client that does not renew a revoked token", () => {
    const table = titled("was revoked")
    expect(valueOf(table, "tokenkeep", "failed requests")).toBe(0)
    expect(valueOf(table, "simple-oauth2", "failed requests")).toBe(200)
  })

  it("writes a page, the rounds as JSON, and charts", () => {
    const folder = mkdtempSync(join(tmpdir(), "race-"))
    afterAll(() => rmSync(folder, { recursive: true }))
    write(tables, { rounds: 1, minutes: 0, folder })
    const read = (name: string) => readFileSync(join(folder, name), "utf8")
    expect(read("bench-results.md")).toContain("2 processes")
    expect(JSON.parse(read("bench-results.json"))).toMatchObject({ rounds: 1, tables: expect.any(Array) })
    expect(read("docs-stampede.svg")).toContain("prefers-color-scheme: dark")
  })
})

describe("how results are shown", () => {
  const rows = {
    tokenkeep: { "one caller, ns": [9, 10, 11], "1,000 callers, ns each": [5] },
    "tokenkeep/oauth2": { "one caller, ns": [30], "1,000 callers, ns each": [5] },
    wrapper: { "one caller, ns": [20], "1,000 callers, ns each": [6] },
    "wrapper, no expiry": { "one caller, ns": [10], "1,000 callers, ns each": [4] }
  }
  const table: Table = { title: "The cost of a cached token", note: "", rows }

  it("a cell has the median and the range", () => {
    expect(markdownOf(table)).toContain("| tokenkeep | 10 (9–11) | 5 |")
    expect([0.123, 12.34, 1_234.5, 1_000_000].map(format)).toEqual(["0.12", "12.3", "1,235", "1,000,000"])
  })

  it("a bar is compared with the rivals of its kind", () => {
    expect(barsOf([table]).map(({ isReached, measured }) => [isReached, measured])).toEqual([
      [false, "30 ≤ 20"],
      [true, "10 ≤ 10"],
      [true, "5 ≤ 6"],
      [false, "5 ≤ 4"]
    ])
  })

  it("a chart names each row and its value, as text", () => {
    const svg = chart({
      title: "a < b",
      subtitle: "",
      table,
      column: "one caller, ns",
      unit: "ns",
      isLeftOut: (row) => row.includes("expiry")
    })
    expect(svg).toContain("a &lt; b")
    expect(svg).toContain(">10 ns<")
    expect(svg).not.toContain("no expiry")
  })
})
