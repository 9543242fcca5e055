// In the bundle this stands for the module of the same name in @tokenkeep/deeply, without effect's Schema, which would be
// a third of it. A test holds the two against each other.
import type { DeeplyEvent, DeeplyMic, Page } from "@tokenkeep/deeply"
import * as Result from "effect/Result"

/** Where in a value the first defect is: `.mic.id`, or an empty text for the value itself. */
type Check = (value: unknown) => string | undefined

const when =
  (isFit: (value: unknown) => boolean): Check =>
  (value) =>
    isFit(value) ? undefined : ""

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const firstOf = (defects: Iterable<string | undefined>): string | undefined => {
  for (const defect of defects) if (defect !== undefined) return defect
  return undefined
}

const at = (step: string, defect: string | undefined): string | undefined =>
  defect === undefined ? undefined : step + defect

/** Names that may stand in a message: any other came from the server, which may put a secret there. */
const documented = new Set<string>()

const struct = (fields: Readonly<Record<string, Check>>): Check => {
  for (const name of Object.keys(fields)) documented.add(name)
  return (value) =>
    isObject(value) ? firstOf(Object.entries(fields).map(([name, check]) => at(`.${name}`, check(value[name])))) : ""
}

const record =
  (check: Check): Check =>
  (value) =>
    isObject(value)
      ? firstOf(Object.entries(value).map(([name, each]) => at(documented.has(name) ? `.${name}` : ".*", check(each))))
      : ""

const array =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) ? firstOf(value.map((each, index) => at(`[${index}]`, check(each)))) : ""

const iso8601 = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?$/i

const text = when((value) => typeof value === "string")
const id = when((value) => typeof value === "string" && value !== "")
const instant = when((value) => typeof value === "string" && iso8601.test(value))
const between = (least: number, most: number) =>
  when((value) => typeof value === "number" && value >= least && value <= most)
const count = when((value) => Number.isSafeInteger(value) && (value as number) >= 0)

const location = struct({ latitude: between(-90, 90), longitude: between(-180, 180) })

const event = struct({
  id,
  label: struct({ id, name: struct({ ko: text, en: text }) }),
  confidence: between(0, 1),
  mic: struct({ id, name: text, location }),
  created_at: instant,
  updated_at: instant
})

const mic = struct({
  id,
  name: text,
  host: text,
  edge_id: text,
  status: when((value) => value === "active" || value === "inactive"),
  thresholds: record(between(0, 1)),
  location,
  created_at: instant,
  updated_at: instant
})

const pageOf = (item: Check): Check =>
  struct({ page: count, size: count, total_cnt: count, max_page: count, results: array(item) })

/** Answers the body as it came, so that what is not documented stays in it; or where it is not as documented. */
const checkedBy =
  <A>(check: Check) =>
  (body: unknown): Result.Result<A, string> => {
    const defect = check(body)
    return defect === undefined ? Result.succeed(body as A) : Result.fail(`$${defect}`)
  }

const wireOf = <Item>(item: Check) => ({ one: checkedBy<Item>(item), page: checkedBy<Page<Item>>(pageOf(item)) })

export const eventWire = wireOf<DeeplyEvent>(event)

export const micWire = wireOf<DeeplyMic>(mic)
