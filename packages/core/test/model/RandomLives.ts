import fc from "fast-check"
import type { RejectionReason } from "../../src/index.ts"
import type { Command, Span } from "./Command.ts"
import type { Ending } from "./OtherProcess.ts"
import { type IssuerBehaviour, keys, type WorldOptions } from "./World.ts"
import type { Behaviours, Operation } from "./WorldStorage.ts"

const record = fc.record
const constant = <const A>(value: A) => fc.constant(value)

const lifetime = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(60_000, 3_600_000, 5_000, 86_400_000) },
  { weight: 3, arbitrary: constant(undefined) },
  // Implausible lifetimes.
  { weight: 1, arbitrary: fc.constantFrom(0, -1, 999, NaN, Infinity, 1e15) }
)

const behaviour: fc.Arbitrary<IssuerBehaviour> = fc.oneof(
  { weight: 6, arbitrary: record({ does: constant("issue"), lifetime }) },
  { weight: 3, arbitrary: record({ does: constant("stay open") }) },
  { weight: 2, arbitrary: record({ does: constant("reject"), documented: fc.boolean() }) },
  { weight: 2, arbitrary: record({ does: constant("limit"), millis: fc.constantFrom(0, 500, 3_000, 20_000, 90_000) }) },
  {
    weight: 3,
    arbitrary: record({
      does: fc.constantFrom("unavailable", "disconnect", "nonsense", "redirect", "too large", "malformed token")
    })
  }
)

const span: fc.Arbitrary<Span> = fc.oneof(
  record({ ms: fc.constantFrom(1, 100, 600, 999, 1_000, 1_500, 5_000, 11_000, 30_000, 600_000, 7_200_000) }),
  record({ ms: fc.integer({ min: 1, max: 70_000 }) }),
  record({
    mark: fc.constantFrom("window", "lateWindow", "end", "rejection"),
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
      operation: constant("load" as const),
      behaviour: fc.constantFrom("works", "works", "works", "stale", "stale", "corrupt", ...faults)
    }),
    record({
      operation: constant("save" as const),
      behaviour: fc.constantFrom("works", "works", "forgets", ...faults)
    }),
    record({
      operation: fc.constantFrom("acquireLease", "release", "remove"),
      behaviour: fc.constantFrom("works", "works", ...faults)
    })
  )
  .chain((what) =>
    record({
      do: constant("storage" as const),
      operation: constant<Operation>(what.operation),
      behaviour: constant<Behaviours[Operation]>(what.behaviour),
      times: fc.constantFrom(1, 3, Infinity),
      stale: fc.nat({ max: 5 })
    })
  )

const otherToken = { lifetime: fc.constantFrom(60_000, 5_000), ago: fc.constantFrom(0, 1_000, 49_000) }

const ending: fc.Arbitrary<Ending> = fc.oneof(
  { weight: 4, arbitrary: record({ how: fc.constantFrom("saves", "saves and dies"), ...otherToken }) },
  {
    weight: 4,
    arbitrary: record({ how: fc.constantFrom("fails", "is rejected", "is limited", "uses up the budget", "releases") })
  }
)

const otherAcquires = record({
  do: constant("otherAcquires" as const),
  steals: fc.boolean(),
  stuck: fc.constantFrom(false, false, false, true)
})

const weighted: ReadonlyArray<readonly [number, fc.Arbitrary<Command>]> = [
  [12, record({ do: constant("get"), times: fc.constantFrom(1, 1, 3) })],
  [2, record({ do: constant("peek") })],
  [
    6,
    record({
      do: constant("reject"),
      back: fc.constantFrom(0, 0, 0, 1, 1, 2, 3),
      how: fc.constantFrom("expired", "expired", "invalid", "unknown"),
      by: fc.constantFrom("token", "id", "value")
    })
  ],
  [9, record({ do: constant("advance"), by: span })],
  [2, record({ do: constant("monotonicAdvances"), by: span })],
  [2, record({ do: constant("wallJumps"), ms: jump })],
  [2, record({ do: constant("key"), key: fc.constantFrom(...keys) })],
  [6, record({ do: constant("issuer"), behaviour })],
  [4, record({ do: constant("respond"), behaviour })],
  [4, storage],
  [2, record({ do: constant("otherRenews"), ...otherToken })],
  [3, otherAcquires],
  [3, record({ do: constant("otherFinishes"), ending })],
  [2, record({ do: constant("abort"), which: fc.nat({ max: 3 }) })],
  [1, record({ do: constant("retryKey") })],
  [0.3, record({ do: constant("dispose") })]
]

const command: fc.Arbitrary<Command> = fc.oneof(
  ...weighted.map(([weight, arbitrary]) => ({ weight: weight * 10, arbitrary }))
)

const get: Command = { do: "get", times: 1 }
const reject = (how: RejectionReason): Command => ({ do: "reject", back: 0, how, by: "token" })
const advance = (ms: number): Command => ({ do: "advance", by: { ms } })

/** Tokens that expire at an age that the manager learns from, which random commands cause too rarely. */
const learning: fc.Arbitrary<ReadonlyArray<Command>> = record({
  age: fc.constantFrom(1_000, 5_000, 40_000),
  more: fc.constantFrom(0, 100),
  times: fc.constantFrom(2, 2, 3)
}).map(({ age, more, times }) => [
  { do: "issuer", behaviour: { does: "issue", lifetime: undefined } },
  get,
  ...Array.from({ length: times }, () => [advance(age + more), reject("expired"), get]).flat()
])

/** Another process owns the lease and ends with some outcome, while the manager needs a token. */
const contest: fc.Arbitrary<ReadonlyArray<Command>> = record({
  before: command,
  ask: otherAcquires,
  while: command,
  waiting: fc.constantFrom(10, 100, 600, 5_000, 13_000),
  ending
}).map(({ ask, before, ending: how, waiting, while: meanwhile }) => [
  get,
  before,
  reject("invalid"),
  ask,
  get,
  advance(waiting),
  meanwhile,
  { do: "otherFinishes", ending: how },
  advance(100)
])

/** The manager is frozen during its token request, and another process gets the lease. */
const absence: fc.Arbitrary<ReadonlyArray<Command>> = record({
  ending,
  behaviour,
  while: command
}).map(({ ending: how, behaviour: late, while: meanwhile }) => [
  get,
  reject("unknown"),
  { do: "issuer", behaviour: { does: "stay open" } },
  get,
  { do: "otherAcquires", steals: true, stuck: false },
  meanwhile,
  { do: "otherFinishes", ending: how },
  { do: "respond", behaviour: late },
  advance(600)
])

/** The storage fails for a while, and recovers. */
const outage: fc.Arbitrary<ReadonlyArray<Command>> = record({
  fault: storage,
  lasting: fc.constantFrom(600, 3_000, 14_000),
  while: command
}).map(({ fault, lasting, while: meanwhile }) => [
  get,
  fault,
  reject("invalid"),
  get,
  advance(lasting),
  meanwhile,
  ...(["load", "save", "acquireLease", "release", "remove"] as const).map(
    (operation) => ({ do: "storage", operation, behaviour: "works", times: 1, stale: 0 }) as const
  ),
  advance(lasting),
  get,
  advance(100)
])

/** All commands of one life. */
const commands: fc.Arbitrary<ReadonlyArray<Command>> = fc
  .array(
    fc.oneof(
      { weight: 100, arbitrary: command.map((one) => [one]) },
      { weight: 1, arbitrary: learning },
      { weight: 3, arbitrary: contest },
      { weight: 3, arbitrary: absence },
      { weight: 2, arbitrary: outage }
    ),
    { minLength: 1, maxLength: 50, size: "max" }
  )
  .map((parts) => parts.flat())

/** The environment of a manager. */
const options: fc.Arbitrary<WorldOptions> = fc.record({
  burst: fc.constantFrom(10, 2),
  seed: fc.nat(),
  acquireLease: fc.constantFrom(true, true, false),
  watching: fc.constantFrom("none", "reports", "reports", "reports", "misses", "misses", "fails"),
  fallback: fc.boolean(),
  required: fc.constantFrom(false, false, true)
})

export const randomLives = fc.tuple(commands, options)
