import * as Result from "effect/Result"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decoders } from "../src/collections/documentReader.ts"
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

/** A copy with another value at a path, or without that field if the value is undefined. */
const changed = (document: unknown, path: Path, value: unknown): unknown => {
  const copy: unknown = structuredClone(document)
  let holder = copy as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string | number, unknown>
  const last = path.at(-1) ?? ""
  if (value === undefined) delete holder[last]
  else holder[last] = value
  return copy
}

const pathString = (path: Path) => `$${path.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("")}`

const notStrings = [5, null, true, {}, ["x"], undefined]
const notIds = ["", ...notStrings]
const notObjects = [5, "x", null, true, [], undefined]
const notInstants = [
  "",
  "yesterday",
  "2025",
  "20250801",
  "2025-08-01T9:00",
  "1754000000",
  "2025-08-01T09:00:00 UTC",
  ...notStrings
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

const wrongEventFields: ReadonlyArray<readonly [path: Path, values: ReadonlyArray<unknown>]> = [
  [["id"], notIds],
  [["label"], notObjects],
  [["label", "id"], notIds],
  [["label", "name"], notObjects],
  [["label", "name", "ko"], notStrings],
  [["label", "name", "en"], notStrings],
  [["confidence"], notBetween(0, 1)],
  [["mic"], notObjects],
  [["mic", "id"], notIds],
  [["mic", "name"], notStrings],
  [["mic", "location"], notObjects],
  [["mic", "location", "latitude"], notBetween(-90, 90)],
  [["mic", "location", "longitude"], notBetween(-180, 180)],
  [["created_at"], notInstants],
  [["updated_at"], notInstants]
]

const wrongMicFields: ReadonlyArray<readonly [path: Path, values: ReadonlyArray<unknown>]> = [
  [["id"], notIds],
  [["name"], notStrings],
  [["host"], notStrings],
  [["edge_id"], notStrings],
  [["status"], ["Active", "broken", ...notStrings]],
  [["thresholds"], notObjects.filter((value) => !Array.isArray(value))],
  [["location"], notObjects],
  [["location", "latitude"], notBetween(-90, 90)],
  [["location", "longitude"], notBetween(-180, 180)],
  [["created_at"], notInstants],
  [["updated_at"], notInstants]
]

const wrongPageFields: ReadonlyArray<readonly [path: Path, values: ReadonlyArray<unknown>]> = [
  [["page"], notCounts],
  [["size"], notCounts],
  [["total_cnt"], notCounts],
  [["max_page"], notCounts],
  [["results"], [5, "x", null, {}, undefined]]
]

type WrongFields = typeof wrongEventFields

/** The decoders of one list, whatever its items are. */
interface Decoders {
  readonly item: (body: unknown) => Result.Result<unknown, string>
  readonly page: (body: unknown) => Result.Result<unknown, string>
}

const documents: ReadonlyArray<readonly [name: string, decode: Decoders, valid: object, wrongFields: WrongFields]> = [
  ["an event", decoders.events, event, wrongEventFields],
  ["a microphone", decoders.mics, mic, wrongMicFields]
]

describe.each(documents)("%s", (_, decode, valid, wrongFields) => {
  it("is returned unchanged, including undocumented fields", () => {
    expect(decode.item(valid)).toEqual(Result.succeed(valid))
    expect(Result.getOrThrow(decode.item(valid))).toBe(valid)
    const later = { ...valid, more: { deep: [1] }, constructor: "x" }
    expect(Result.getOrThrow(decode.item(later))).toBe(later)
    const whole = { ...page(valid, later), cursor: "abc" }
    expect(Result.getOrThrow(decode.page(whole))).toBe(whole)
    expect(Result.getOrThrow(decode.page(page()))).toEqual(page())
  })

  it.each(wrongFields)("is rejected with the path %j of each wrong field, alone and on a page", (path, values) => {
    for (const value of values) {
      expect([value, decode.item(changed(valid, path, value))]).toEqual([value, Result.fail(pathString(path))])
      const second = page(valid, changed(valid, path, value))
      expect([value, decode.page(second)]).toEqual([value, Result.fail(pathString(["results", 1, ...path]))])
    }
  })

  it.each(wrongPageFields)("is rejected if the field %j of its page is wrong", (path, values) => {
    for (const value of values) {
      expect([value, decode.page(changed(page(valid), path, value))]).toEqual([value, Result.fail(pathString(path))])
    }
  })

  it("is rejected if it is not an object", () => {
    for (const body of [...notObjects, 1n, Symbol("x"), () => undefined]) {
      expect(decode.item(body)).toSatisfy(Result.isFailure)
      expect(decode.page(body)).toSatisfy(Result.isFailure)
    }
  })
})

describe("SEC-1: the path of a wrong field", () => {
  it("contains no key that the server chose", () => {
    for (const name of ["sk-live-2f6c1d", "crying", "", "__proto__", "a.b[0]", "id\n"]) {
      const thresholds = Object.fromEntries([[name, 2]])
      expect(decoders.mics.item({ ...mic, thresholds })).toEqual(Result.fail("$.thresholds.*"))
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

it.each(instants)("%s is accepted as ISO 8601", (created_at) => {
  expect(decoders.events.item({ ...event, created_at })).toSatisfy(Result.isSuccess)
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

  it("is accepted or rejected without a throw, without a change, and without a secret in the path", () => {
    fc.assert(
      fc.property(fc.oneof(tree, fc.jsonValue()), (value) => {
        // As JSON.parse returns it: with `__proto__` as an ordinary key.
        const body: unknown = JSON.parse(JSON.stringify(value) ?? "null")
        const before = JSON.stringify(body)
        for (const decode of Object.values<Decoders>(decoders).flatMap(({ item, page: ofPage }) => [item, ofPage])) {
          const result = decode(body)
          expect(Result.getOrElse(result, () => body)).toBe(body)
          expect(Result.isFailure(result) ? result.failure : "$").toMatch(/^\$(?:\.[a-z_*]+|\[\d+\])*$/)
        }
        expect(JSON.stringify(body)).toBe(before)
      }),
      runs(2_000)
    )
  })

  it("can have ten thousand events or be deeply nested", () => {
    const many = JSON.parse(JSON.stringify(page(...Array.from({ length: 10_000 }, () => event)))) as unknown
    expect(decoders.events.page(many)).toSatisfy(Result.isSuccess)
    const deep = JSON.parse(`${"[".repeat(5_000)}${"]".repeat(5_000)}`) as unknown
    expect(decoders.events.item({ ...event, deep })).toSatisfy(Result.isSuccess)
    expect(decoders.events.item({ ...event, label: deep })).toEqual(Result.fail("$.label"))
  })
})
