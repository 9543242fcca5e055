import fc from "fast-check"
import type { RejectionReason } from "../../src/index.ts"
import type { Command, Span } from "./Commands.ts"
import type { Ending } from "./OtherProcess.ts"
import { type IssuerMood, keys, type WorldOptions } from "./World.ts"
import type { Moods, Operation } from "./WorldStorage.ts"

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
  { weight: 2, arbitrary: record({ does: just("refuse"), documented: fc.boolean() }) },
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

const faults = ["hangs", "fails", "throws", "insecure"] as const

const storage = fc
  .oneof(
    record({
      operation: just("load" as const),
      mood: fc.constantFrom("works", "works", "works", "stale", "stale", "corrupt", ...faults)
    }),
    record({ operation: just("save" as const), mood: fc.constantFrom("works", "works", "loses", ...faults) }),
    record({ operation: fc.constantFrom("exclusive", "release"), mood: fc.constantFrom("works", "works", ...faults) })
  )
  .chain((what) =>
    record({
      do: just("storage" as const),
      operation: just<Operation>(what.operation),
      mood: just<Moods[Operation]>(what.mood),
      times: fc.constantFrom(1, 3, Infinity),
      stale: fc.nat({ max: 5 })
    })
  )

const otherToken = { life: fc.constantFrom(60_000, 5_000), ago: fc.constantFrom(0, 1_000, 49_000) }

const ending: fc.Arbitrary<Ending> = fc.oneof(
  { weight: 4, arbitrary: record({ how: fc.constantFrom("saves", "saves and dies"), ...otherToken }) },
  {
    weight: 4,
    arbitrary: record({ how: fc.constantFrom("fails", "is refused", "is limited", "overspends", "gives up") })
  }
)

const otherAsks = record({
  do: just("otherAsks" as const),
  robs: fc.boolean(),
  stuck: fc.constantFrom(false, false, false, true)
})

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
  [4, storage],
  [2, record({ do: just("otherRenews"), ...otherToken })],
  [3, otherAsks],
  [3, record({ do: just("otherEnds"), ending })],
  [2, record({ do: just("abort"), which: fc.nat({ max: 3 }) })],
  [1, record({ do: just("retryKey") })],
  [0.3, record({ do: just("dispose") })]
]

const command: fc.Arbitrary<Command> = fc.oneof(
  ...weighted.map(([weight, arbitrary]) => ({ weight: weight * 10, arbitrary }))
)

const get: Command = { do: "get", times: 1 }
const refuse = (how: RejectionReason): Command => ({ do: "reject", back: 0, how, by: "token" })
const pass = (ms: number): Command => ({ do: "advance", by: { ms } })

/** What comes about by chance too rarely: tokens that end by themselves at an age that teaches. */
const lesson: fc.Arbitrary<ReadonlyArray<Command>> = record({
  age: fc.constantFrom(1_000, 5_000, 40_000),
  more: fc.constantFrom(0, 100),
  times: fc.constantFrom(2, 2, 3)
}).map(({ age, more, times }) => [
  { do: "issuer", mood: { does: "issue", life: undefined } },
  get,
  ...Array.from({ length: times }, () => [pass(age + more), refuse("expired"), get]).flat()
])

/** Another process is elected, and something becomes of that, while the manager needs a token. */
const contest: fc.Arbitrary<ReadonlyArray<Command>> = record({
  before: command,
  ask: otherAsks,
  while: command,
  passing: fc.constantFrom(10, 100, 600, 5_000, 13_000),
  ending
}).map(({ ask, before, ending: how, passing, while: meanwhile }) => [
  get,
  before,
  refuse("invalid"),
  ask,
  get,
  pass(passing),
  meanwhile,
  { do: "otherEnds", ending: how },
  pass(100)
])

/** The manager is away while it asks the issuer, and another process is elected meanwhile. */
const absence: fc.Arbitrary<ReadonlyArray<Command>> = record({
  ending,
  mood,
  while: command
}).map(({ ending: how, mood: late, while: meanwhile }) => [
  get,
  refuse("unknown"),
  { do: "issuer", mood: { does: "dawdle" } },
  get,
  { do: "otherAsks", robs: true, stuck: false },
  meanwhile,
  { do: "otherEnds", ending: how },
  { do: "answer", mood: late },
  pass(600)
])

/** The storage fails for a while, and comes back. */
const outage: fc.Arbitrary<ReadonlyArray<Command>> = record({
  fault: storage,
  lasting: fc.constantFrom(600, 3_000, 14_000),
  while: command
}).map(({ fault, lasting, while: meanwhile }) => [
  get,
  fault,
  refuse("invalid"),
  get,
  pass(lasting),
  meanwhile,
  ...(["load", "save", "exclusive", "release"] as const).map(
    (operation) => ({ do: "storage", operation, mood: "works", times: 1, stale: 0 }) as const
  ),
  pass(lasting),
  get,
  pass(100)
])

/** What is done with a manager in its life. */
const commands: fc.Arbitrary<ReadonlyArray<Command>> = fc
  .array(
    fc.oneof(
      { weight: 100, arbitrary: command.map((one) => [one]) },
      { weight: 1, arbitrary: lesson },
      { weight: 3, arbitrary: contest },
      { weight: 3, arbitrary: absence },
      { weight: 2, arbitrary: outage }
    ),
    { minLength: 1, maxLength: 50, size: "max" }
  )
  .map((parts) => parts.flat())

/** Where a manager lives. */
const options: fc.Arbitrary<WorldOptions> = fc.record({
  burst: fc.constantFrom(10, 2),
  seed: fc.nat(),
  exclusive: fc.constantFrom(true, true, false),
  watching: fc.constantFrom("none", "tells", "tells", "tells", "misses", "misses", "fails"),
  fallback: fc.boolean(),
  required: fc.constantFrom(false, false, true)
})

export const lives = fc.tuple(commands, options)
