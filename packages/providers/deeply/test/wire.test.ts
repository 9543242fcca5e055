import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { eventWire, micWire, type Wire } from "../src/wire.ts"
import { eventOf } from "./support/pages.ts"
import { runs } from "./support/seed.ts"

const event = eventOf("event-1")

const mic = {
  id: "mic-1",
  name: "Lobby",
  host: "192.0.2.1",
  edge_id: "edge-1",
  status: "active",
  thresholds: { crying: 0.5, later_label: 1 },
  location: { latitude: -90, longitude: 180 },
  created_at: "2025-08-01T09:00:00Z",
  updated_at: "2025-08-01T09:00:00Z"
}

const page = (...results: ReadonlyArray<unknown>) => ({ page: 1, size: 10, total_cnt: 1, max_page: 1, results })

type Path = ReadonlyArray<string | number>

/** A copy with something else at one place, or with nothing there. */
const changed = (document: unknown, path: Path, value: unknown): unknown => {
  const copy: unknown = structuredClone(document)
  let holder = copy as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string | number, unknown>
  const last = path.at(-1) ?? ""
  if (value === undefined) delete holder[last]
  else holder[last] = value
  return copy
}

const written = (path: Path) => `$${path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("")}`

const notTexts = [5, null, true, {}, ["x"], undefined]
const notIds = ["", ...notTexts]
const notObjects = [5, "x", null, true, [], undefined]
const notInstants = [
  "",
  "yesterday",
  "2025",
  "20250801",
  "2025-08-01T9:00",
  "1754000000",
  "2025-08-01T09:00:00 UTC",
  ...notTexts
]
const notBetween = (from: number, to: number) => [
  from - 0.001,
  to + 0.001,
  Infinity,
  -Infinity,
  "0.5",
  null,
  {},
  undefined
]
const notCounts = [-1, 0.5, 1e300, Infinity, 2 ** 53, "1", null, undefined]

const eventDefects: ReadonlyArray<readonly [path: Path, values: ReadonlyArray<unknown>]> = [
  [["id"], notIds],
  [["label"], notObjects],
  [["label", "id"], notIds],
  [["label", "name"], notObjects],
  [["label", "name", "ko"], notTexts],
  [["label", "name", "en"], notTexts],
  [["confidence"], notBetween(0, 1)],
  [["mic"], notObjects],
  [["mic", "id"], notIds],
  [["mic", "name"], notTexts],
  [["mic", "location"], notObjects],
  [["mic", "location", "latitude"], notBetween(-90, 90)],
  [["mic", "location", "longitude"], notBetween(-180, 180)],
  [["created_at"], notInstants],
  [["updated_at"], notInstants]
]

const micDefects: ReadonlyArray<readonly [path: Path, values: ReadonlyArray<unknown>]> = [
  [["id"], notIds],
  [["name"], notTexts],
  [["host"], notTexts],
  [["edge_id"], notTexts],
  [["status"], ["Active", "broken", ...notTexts]],
  [["thresholds"], notObjects.filter((value) => !Array.isArray(value))],
  [["location"], notObjects],
  [["location", "latitude"], notBetween(-90, 90)],
  [["location", "longitude"], notBetween(-180, 180)],
  [["created_at"], notInstants],
  [["updated_at"], notInstants]
]

const pageDefects: ReadonlyArray<readonly [path: Path, values: ReadonlyArray<unknown>]> = [
  [["page"], notCounts],
  [["size"], notCounts],
  [["total_cnt"], notCounts],
  [["max_page"], notCounts],
  [["results"], [5, "x", null, {}, undefined]]
]

type Defects = typeof eventDefects

const bodies: ReadonlyArray<readonly [what: string, wire: Wire<unknown>, documented: object, defects: Defects]> = [
  ["an event", eventWire, event, eventDefects],
  ["a microphone", micWire, mic, micDefects]
]

describe.each(bodies)("the body of %s", (_, wire, documented, defects) => {
  it("is given as it came", () => {
    expect(wire.one(documented)).toEqual(Result.succeed(documented))
    expect(Result.getOrThrow(wire.one(documented))).toBe(documented)
    const later = { ...documented, more: { deep: [1] }, constructor: "x" }
    expect(Result.getOrThrow(wire.one(later))).toBe(later)
    const whole = { ...page(documented, later), cursor: "abc" }
    expect(Result.getOrThrow(wire.page(whole))).toBe(whole)
    expect(Result.getOrThrow(wire.page(page()))).toEqual(page())
  })

  it.each(defects)(
    "is refused for each defect of %j, which is named by its place, alone and on a page",
    (path, values) => {
      for (const value of values) {
        expect([value, wire.one(changed(documented, path, value))]).toEqual([value, Result.fail(written(path))])
        const second = page(documented, changed(documented, path, value))
        expect([value, wire.page(second)]).toEqual([value, Result.fail(written(["results", 1, ...path]))])
      }
    }
  )

  it.each(pageDefects)("is refused for each defect of its page's %j", (path, values) => {
    for (const value of values) {
      expect([value, wire.page(changed(page(documented), path, value))]).toEqual([value, Result.fail(written(path))])
    }
  })

  it("is refused when it is no object at all", () => {
    for (const body of [...notObjects, 1n, Symbol("x"), () => undefined]) {
      expect(wire.one(body)).toSatisfy(Result.isFailure)
      expect(wire.page(body)).toSatisfy(Result.isFailure)
    }
  })
})

describe("SEC-1: the place of a defect", () => {
  it("names a label that is documented as a name of the wire alone: any other is the server's", () => {
    for (const name of ["sk-live-2f6c1d", "crying", "", "__proto__", "a.b[0]", "id\n"]) {
      const thresholds = Object.fromEntries([[name, 2]])
      expect(micWire.one({ ...mic, thresholds })).toEqual(Result.fail("$.thresholds.*"))
    }
  })
})

const instants = [
  "2025-08-01",
  "2025-08-01T09:00",
  "2025-08-01T09:00:00",
  "2025-08-01 09:00:00",
  "2025-08-01T09:00:00.123456",
  "2025-08-01T09:00:00,5Z",
  "2025-08-01t09:00:00z",
  "2025-08-01T09:00:00+09:00",
  "2025-08-01T09:00:00-0930",
  "2025-08-01T09:00:00+09"
]

it.each(instants)("%s is an instant in ISO 8601", (created_at) => {
  expect(eventWire.one({ ...event, created_at })).toSatisfy(Result.isSuccess)
})

describe("any JSON", () => {
  const known = fc.constantFrom(
    "results",
    "id",
    "label",
    "name",
    "ko",
    "mic",
    "location",
    "thresholds",
    "page",
    "__proto__"
  )
  const secret = "sk-live-2f6c1d"
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(event, mic, page(event), page(mic), secret, null, 0, 0.5, -1, 1e308, "active", "2025-08-01"),
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(fc.oneof(known, fc.constant(secret), fc.string()), tie("tree"), { maxKeys: 8 })
    )
  }))

  it("is taken or refused, without a crash, a change or a secret in what is told", () => {
    fc.assert(
      fc.property(fc.oneof(tree, fc.jsonValue()), (value) => {
        // As it comes from the wire: with `__proto__` as an ordinary name.
        const body: unknown = JSON.parse(JSON.stringify(value) ?? "null")
        const before = JSON.stringify(body)
        const wires: ReadonlyArray<Wire<unknown>> = [eventWire, micWire]
        for (const check of wires.flatMap(({ one, page: ofPage }) => [one, ofPage])) {
          const result = check(body)
          expect(Result.getOrElse(result, () => body)).toBe(body)
          expect(Result.isFailure(result) ? result.failure : "$").toMatch(/^\$(?:\.[a-z_*]+|\[\d+\])*$/)
        }
        expect(JSON.stringify(body)).toBe(before)
      }),
      runs(2_000)
    )
  })

  it("of ten thousand events is checked in a moment, and a deep one does not end the process", () => {
    const many = JSON.parse(JSON.stringify(page(...Array.from({ length: 10_000 }, () => event)))) as unknown
    const from = performance.now()
    expect(eventWire.page(many)).toSatisfy(Result.isSuccess)
    expect(performance.now() - from).toBeLessThan(30_000)
    const deep = JSON.parse(`${"[".repeat(5_000)}${"]".repeat(5_000)}`) as unknown
    expect(eventWire.one({ ...event, deep })).toSatisfy(Result.isSuccess)
    expect(eventWire.one({ ...event, label: deep })).toEqual(Result.fail("$.label"))
  })
})
