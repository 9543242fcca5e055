import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { handClock } from "./support/handClock.ts"
import { scriptedStorage } from "./support/scriptedStorage.ts"
import { lasting } from "./support/scriptedTransport.ts"
import { runs } from "./support/seed.ts"
import { testManager } from "./support/testManager.ts"
import { resting, until } from "./support/turns.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

type Hands = ReturnType<typeof handClock>

/** Runs on a clock whose hands are set by hand. */
const onHands = <A, E, R>(program: (hands: Hands) => Effect.Effect<A, E, R>) => {
  const hands = handClock()
  return Effect.provideService(program(hands), Clock.Clock, hands.clock)
}

const exact = { jitter: 0 }

describe("TOK-9: a token", () => {
  const apart: ReadonlyArray<readonly [what: string, by: (hands: Hands) => void]> = [
    ["an hour of sleep, in which the monotonic clock stands still", ({ jump }) => jump(hour)],
    ["the wall clock set a day ahead", ({ jump }) => jump(day)],
    ["an hour with the wall clock set back a day", ({ jump, pass }) => (jump(-day), pass(hour))]
  ]
  for (const [what, by] of apart) {
    it.effect(`is renewed once after ${what}`, () =>
      onHands((hands) =>
        Effect.gen(function* () {
          const { calls, manager } = yield* testManager({ script: lasting(hour), renewal: exact })
          const first = yield* manager.get
          assert.strictEqual(manager.peek(), first)
          by(hands)
          assert.isUndefined(manager.peek())
          const second = yield* manager.get
          for (let hits = 0; hits < 100; hits += 1) {
            hands.pass(1_000)
            assert.strictEqual(yield* manager.get, second)
          }
          assert.lengthOf(calls, 2)
        })
      )
    )
  }

  it.effect("that ended by the monotonic clock does not come back from the storage by the wall clock", () =>
    onHands((hands) =>
      Effect.gen(function* () {
        const { calls, manager } = yield* testManager({ script: lasting(hour), renewal: exact })
        const first = yield* manager.get
        hands.jump(-2 * hour)
        hands.pass(hour)
        assert.notStrictEqual((yield* manager.get).id, first.id)
        assert.lengthOf(calls, 2)
      })
    )
  )

  it.effect("counts its life from when the issue call was sent, also when the answer takes longer than the life", () =>
    onHands((hands) =>
      Effect.gen(function* () {
        const { calls, manager } = yield* testManager({
          script: (call, index) => {
            hands.pass(3_000)
            return lasting(2_000)(call, index)
          }
        })
        yield* manager.get
        assert.isUndefined(manager.peek())
        yield* manager.get
        assert.lengthOf(calls, 2)
      })
    )
  )

  it.effect("of a process whose clock runs ahead lives no longer here than its life", () =>
    onHands((hands) =>
      Effect.gen(function* () {
        const storage = scriptedStorage()
        for (const ahead of [5 * minute, day, 60 * 365 * day]) {
          storage.records.clear()
          hands.jump(ahead)
          const other = yield* testManager({ storage, script: lasting(hour) })
          const theirs = yield* other.manager.get
          hands.jump(-ahead)
          const mine = yield* testManager({ storage, script: lasting(hour), renewal: exact })
          assert.strictEqual((yield* mine.manager.get).id, theirs.id)
          assert.isAtLeast(mine.manager.status().token?.age ?? -1, 0)
          hands.pass(hour)
          assert.isUndefined(mine.manager.peek())
          assert.notStrictEqual((yield* mine.manager.get).id, theirs.id)
        }
      })
    )
  )
})

describe("TOK-9: TOK-1: what a hit reads", () => {
  it.effect("is one clock, and the other at least once a second", () =>
    onHands((hands) =>
      Effect.gen(function* () {
        const { manager } = yield* testManager({ script: lasting(hour) })
        yield* manager.get
        manager.peek()
        hands.reads()
        for (let hits = 0; hits < 500; hits += 1) {
          manager.peek()
          yield* manager.get
        }
        assert.deepStrictEqual(hands.reads(), { wall: 1_000, mono: 0 })
        for (let hits = 0; hits < 10_000; hits += 1) {
          hands.pass(1)
          manager.peek()
        }
        assert.deepStrictEqual(hands.reads(), { wall: 10_000, mono: 10 })
      })
    )
  )
})

describe("TOK-9: whatever the clocks do", () => {
  it("there is neither a loop at the issuer nor a token that outlives its life on either clock", async () => {
    const step = fc.record({
      jump: fc.oneof(fc.constant(0), fc.constantFrom(-day, -hour, hour, day, -50 * 365 * day, 50 * 365 * day)),
      pass: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30_000 })),
      hits: fc.integer({ min: 1, max: 5 })
    })
    const property = fc.asyncProperty(fc.array(step, { maxLength: 30 }), (steps) =>
      Effect.runPromise(
        onHands((hands) =>
          Effect.gen(function* () {
            const { calls, manager } = yield* testManager({ script: lasting(minute) })
            const heldSince = new Map<string, number>()
            for (const { hits, jump, pass } of steps) {
              hands.jump(jump)
              hands.pass(pass)
              for (let hit = 0; hit < hits; hit += 1) {
                const result = yield* Effect.result(manager.get)
                yield* resting(manager)
                const { mono, wall } = hands.now()
                assert.isAtMost(calls.length, 10 + mono / 1_000)
                if (result._tag === "Failure") {
                  assert.strictEqual(result.failure.code, "ISSUE_BUDGET_EXCEEDED")
                  continue
                }
                const { expiresAt, id } = result.success
                assert.isAbove(expiresAt!, wall)
                heldSince.set(id, heldSince.get(id) ?? mono)
                assert.isBelow(mono - heldSince.get(id)!, minute + 1_000)
              }
            }
          }).pipe(Effect.scoped)
        )
      )
    )
    await fc.assert(property, runs(60))
  })

  it.effect("a clock that flaps between two hours costs no more than the budget", () =>
    onHands((hands) =>
      Effect.gen(function* () {
        const { calls, manager } = yield* testManager({ script: lasting(minute) })
        for (let flaps = 0; flaps < 200; flaps += 1) {
          hands.jump(flaps % 2 === 0 ? hour : -hour)
          yield* Effect.ignore(manager.get)
        }
        yield* until("all is quiet", () => manager.status().state !== "renewing")
        assert.isAtMost(calls.length, 10)
      })
    )
  )
})
