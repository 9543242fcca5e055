import fc from "fast-check"
import type { RejectionReason } from "../../src/index.ts"
import { type IssuerMood, keys } from "./World.ts"
import type { LoadMood, SaveMood } from "./WorldStorage.ts"

/** An instant that matters to the token in hand, or to a refusal. */
type Mark = "window" | "lateWindow" | "end" | "refusal"

/** How far a clock goes: so long, or to a mark and a little further or less. */
export type Span = { readonly ms: number } | { readonly mark: Mark; readonly off: number }

export type Command =
  | { readonly do: "get"; readonly times: number }
  | { readonly do: "peek" }
  | {
      readonly do: "reject"
      readonly back: number
      readonly how: RejectionReason
      readonly by: "token" | "id" | "text"
    }
  | { readonly do: "advance" | "wallStands"; readonly by: Span }
  | { readonly do: "wallJumps"; readonly ms: number }
  | { readonly do: "key"; readonly key: string }
  | { readonly do: "issuer" | "answer"; readonly mood: IssuerMood }
  | { readonly do: "load"; readonly mood: LoadMood; readonly stale: number }
  | { readonly do: "save"; readonly mood: SaveMood }
  | { readonly do: "otherRenews"; readonly life: number; readonly ago: number }
  | { readonly do: "abort"; readonly which: number }
  | { readonly do: "retryKey" }
  | { readonly do: "dispose" }

const record = fc.record
const just = <const A>(value: A) => fc.constant(value)

const life = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(60_000, 3_600_000, 5_000, 86_400_000) },
  { weight: 3, arbitrary: just(undefined) },
  // What nobody can mean.
  { weight: 1, arbitrary: fc.constantFrom(0, -1, 999, NaN, Infinity, 1e15) }
)

const mood: fc.Arbitrary<IssuerMood> = fc.oneof(
  { weight: 6, arbitrary: record({ does: just("issue"), life }) },
  { weight: 3, arbitrary: record({ does: just("dawdle") }) },
  { weight: 2, arbitrary: record({ does: just("refuse") }) },
  { weight: 2, arbitrary: record({ does: just("limit"), millis: fc.constantFrom(0, 500, 3_000, 20_000, 90_000) }) },
  {
    weight: 3,
    arbitrary: record({ does: fc.constantFrom("break", "fail", "babble", "redirect", "overflow", "garble") })
  }
)

const span: fc.Arbitrary<Span> = fc.oneof(
  record({ ms: fc.constantFrom(1, 100, 600, 999, 1_000, 1_500, 5_000, 11_000, 30_000, 600_000, 7_200_000) }),
  record({ ms: fc.integer({ min: 1, max: 70_000 }) }),
  record({
    mark: fc.constantFrom("window", "lateWindow", "end", "refusal"),
    off: fc.constantFrom(0, 0, -1, 1, -500, 5_000)
  })
)

const jump = fc.constantFrom(
  1_000,
  -1_000,
  40_000,
  -40_000,
  -500,
  3_600_000,
  -3_600_000,
  34_560_000_000,
  -34_560_000_000
)

const weighted: ReadonlyArray<readonly [number, fc.Arbitrary<Command>]> = [
  [12, record({ do: just("get"), times: fc.constantFrom(1, 1, 3) })],
  [2, record({ do: just("peek") })],
  [
    6,
    record({
      do: just("reject"),
      back: fc.constantFrom(0, 0, 0, 1, 1, 2, 3),
      how: fc.constantFrom("expired", "expired", "invalid", "unknown"),
      by: fc.constantFrom("token", "id", "text")
    })
  ],
  [9, record({ do: just("advance"), by: span })],
  [2, record({ do: just("wallStands"), by: span })],
  [2, record({ do: just("wallJumps"), ms: jump })],
  [2, record({ do: just("key"), key: fc.constantFrom(...keys) })],
  [6, record({ do: just("issuer"), mood })],
  [4, record({ do: just("answer"), mood })],
  [
    2,
    record({
      do: just("load"),
      mood: fc.constantFrom("works", "works", "hangs", "fails", "throws", "stale", "stale", "corrupt"),
      stale: fc.nat({ max: 5 })
    })
  ],
  [2, record({ do: just("save"), mood: fc.constantFrom("works", "works", "hangs", "fails", "throws", "loses") })],
  [
    2,
    record({ do: just("otherRenews"), life: fc.constantFrom(60_000, 5_000), ago: fc.constantFrom(0, 1_000, 49_000) })
  ],
  [2, record({ do: just("abort"), which: fc.nat({ max: 3 }) })],
  [1, record({ do: just("retryKey") })],
  [0.3, record({ do: just("dispose") })]
]

export const command: fc.Arbitrary<Command> = fc.oneof(
  ...weighted.map(([weight, arbitrary]) => ({ weight: weight * 10, arbitrary }))
)

const spanText = (by: Span): string =>
  "ms" in by ? `by ${by.ms} ms` : `to the ${by.mark}${by.off === 0 ? "" : ` ${by.off > 0 ? "+" : ""}${by.off} ms`}`

const moodText = (what: IssuerMood): string =>
  what.does === "issue" ? `issue(life ${what.life})` : what.does === "limit" ? `limit(${what.millis} ms)` : what.does

/** A command as a line of a script. */
export const commandText = (it: Command): string => {
  switch (it.do) {
    case "get":
      return `get${it.times === 1 ? "" : ` × ${it.times}`}`
    case "reject":
      return `reject the token ${it.back} back as ${it.how}, by its ${it.by}`
    case "advance":
      return `advance both clocks ${spanText(it.by)}`
    case "wallStands":
      return `advance the monotonic clock ${spanText(it.by)}`
    case "wallJumps":
      return `set the wall clock by ${it.ms} ms`
    case "key":
      return `the key becomes ${it.key}`
    case "issuer":
      return `the issuer will ${moodText(it.mood)}`
    case "answer":
      return `the open call: ${moodText(it.mood)}`
    case "load":
      return `loading ${it.mood}${it.mood === "stale" ? ` (record ${it.stale})` : ""}`
    case "save":
      return `saving ${it.mood}`
    case "otherRenews":
      return `another process renews (life ${it.life}, ${it.ago} ms ago)`
    case "abort":
      return `abort waiting caller ${it.which}`
    default:
      return it.do
  }
}
