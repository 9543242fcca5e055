import { assert, describe, it } from "@effect/vitest"
import { checkLaw, formatReport, type Law, LawBroken, lawsFor, runLaws, type Subject } from "@tokenkeep/conformance"
import { StorageFailure } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"

type Check = Law<number>["check"]

const law = (id: string, check: Check, needs: ReadonlyArray<string> = []): Law<number> => ({
  id,
  guarantees: ["STO-1"],
  statement: `It does what ${id} says.`,
  needs,
  check
})

const subject = (laws: ReadonlyArray<Law<number>>, others: Partial<Subject<number>> = {}): Subject<number> => ({
  title: "An adapter",
  laws,
  offers: new Set(["durable"]),
  bench: Effect.succeed(7),
  clock: "live",
  deadline: 60_000,
  ...others
})

const reasonOf = (check: Check, others: Partial<Subject<number>> = {}) => {
  const one = law("one", check)
  return Effect.map(Effect.flip(checkLaw(one, subject([one], others))), ({ reason }) => reason)
}

describe("STO-1: a law is broken, and says why, when", () => {
  it.effect.each<[string, Check, string]>([
    ["it fails", () => Effect.fail(new LawBroken({ reason: "nothing was there" })), "nothing was there"],
    [
      "an operation fails",
      () => Effect.fail(new StorageFailure({ operation: "save", detail: "disk full" })),
      "save failed: disk full"
    ],
    ["it fails with something else", () => Effect.fail({ message: "no such thing" }), "no such thing"],
    ["it fails with a text", () => Effect.fail("odd"), "odd"],
    ["it fails with nothing", () => Effect.fail(undefined), "undefined"],
    ["the adapter dies", () => Effect.die(new Error("out of order")), "it threw: out of order"],
    [
      "the adapter throws",
      () => {
        throw new Error("at once")
      },
      "it threw: at once"
    ],
    ["it is interrupted from within", () => Effect.interrupt, "it was interrupted from within"],
    ["what it opened cannot be closed", () => Effect.addFinalizer(() => Effect.die("stuck")), "it threw: stuck"]
  ])("%s", ([, check, reason]) => Effect.map(reasonOf(check), (found) => assert.strictEqual(found, reason)))

  it.effect("there is nothing to check it on", () =>
    Effect.map(
      reasonOf(() => Effect.void, { bench: Effect.fail("no server") }),
      (reason) => assert.strictEqual(reason, "no server")
    )
  )

  it.effect.each([
    ["hangs", Effect.never],
    ["hangs and cannot be interrupted", Effect.uninterruptible(Effect.never)],
    ["cannot be closed", Effect.addFinalizer(() => Effect.never)]
  ] as const)("the adapter %s: it ends at the deadline", ([, hang]) =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(reasonOf(() => hang))
      yield* TestClock.adjust(59_999)
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* Fiber.join(fiber), "it was still running after 60000 ms")
    })
  )
})

describe("a law is checked", () => {
  it.effect("on a bench of its own, given up when it is done", () =>
    Effect.gen(function* () {
      let open = 0
      let made = 0
      const bench = Effect.acquireRelease(
        Effect.sync(() => {
          open += 1
          return (made += 1)
        }),
        () => Effect.sync(() => (open -= 1))
      )
      const seen: Array<number> = []
      const look = law("look", (given) => Effect.sync(() => void seen.push(given, open)))
      yield* runLaws(subject([look, look, law("fails", () => Effect.fail("no"))], { bench }))
      assert.deepStrictEqual(seen, [1, 1, 2, 1])
      assert.deepStrictEqual([made, open], [3, 0])
    })
  )

  it.effect("until whoever waits for it gives up", () =>
    Effect.gen(function* () {
      let ended = false
      const endless = law("endless", () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => (ended = true))))
      const fiber = yield* Effect.forkChild(checkLaw(endless, subject([endless])))
      yield* TestClock.adjust(1)
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust(1)
      assert.strictEqual(ended, true)
    })
  )

  it.live("on the test clock, where the subject says so", () =>
    Effect.gen(function* () {
      const day = law("day", () =>
        Effect.gen(function* () {
          const fiber = yield* Effect.forkScoped(Effect.sleep("1 day"))
          yield* TestClock.adjust("1 day")
          yield* Fiber.join(fiber)
        })
      )
      assert.strictEqual((yield* runLaws(subject([day], { clock: "test" }))).kept, true)
    })
  )
})

describe("a report", () => {
  const laws = [
    law("kept", () => Effect.void, ["durable"]),
    law("not-kept", () => Effect.fail("it was lost")),
    law("beyond", () => Effect.die("never checked"), ["durable", "shared", "watch"])
  ]

  it.effect("tells what was kept, broken and not offered, in the order of the laws", () =>
    Effect.gen(function* () {
      const report = yield* runLaws(subject(laws))
      assert.strictEqual(report.kept, false)
      assert.deepStrictEqual(
        report.findings.map(({ law: { id }, outcome }) => [id, outcome]),
        [
          ["kept", { _tag: "Kept" }],
          ["not-kept", { _tag: "Broken", reason: "it was lost" }],
          ["beyond", { _tag: "NotOffered", lacking: ["shared", "watch"] }]
        ]
      )
      assert.deepStrictEqual(formatReport(report).split("\n"), [
        "kept      kept    It does what kept says.",
        "not-kept  BROKEN  it was lost",
        "beyond    -       not offered: shared, watch",
        "An adapter: 1 kept, 1 broken, 1 not offered"
      ])
    })
  )

  it.effect("is good when nothing was broken", () =>
    Effect.gen(function* () {
      const [kept, , beyond] = laws
      const report = yield* runLaws(subject([kept!, beyond!]))
      assert.strictEqual(report.kept, true)
      assert.deepStrictEqual(
        lawsFor(subject(laws)).map(({ id }) => id),
        ["kept", "not-kept"]
      )
    })
  )

  it.effect("of nothing is empty", () =>
    Effect.map(runLaws(subject([])), (report) => {
      assert.strictEqual(formatReport(report), "An adapter: 0 kept, 0 broken, 0 not offered")
    })
  )
})
