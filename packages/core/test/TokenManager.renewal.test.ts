import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as TestClock from "effect/testing/TestClock"
import type { RenewalOptions } from "../src/index.ts"
import { dice } from "./support/dice.ts"
import { handClock } from "./support/handClock.ts"
import { scriptedStorage } from "./support/scriptedStorage.ts"
import { lasting, type Script, tokenResponse } from "./support/scriptedTransport.ts"
import { testManager, type TestManagerOptions } from "./support/testManager.ts"
import { resting, settled, until } from "./support/turns.ts"

const exact: RenewalOptions = { jitter: 0 }

/** Answers the first call, and leaves the others to the test. */
const first =
  (script: Script): Script =>
  (call, index) =>
    index === 0 ? script(call, index) : undefined

/** A manager whose token lives 100 s, hence is due after 80. */
const holding = Effect.fnUntraced(function* (options: TestManagerOptions = {}) {
  const test = yield* testManager({ script: lasting(100_000), renewal: exact, ...options })
  const token = yield* test.manager.get
  return { ...test, token }
})

describe("TOK-5: the first hit in the window", () => {
  it.effect("starts a renewal in the background, and nobody waits: hits meanwhile get the good token", () =>
    Effect.gen(function* () {
      const { manager, calls, told, token } = yield* holding({ script: first(lasting(100_000)) })
      yield* TestClock.adjust(80_000)
      const hit = yield* Effect.forkChild(manager.get, { startImmediately: true })
      assert.deepStrictEqual(hit.pollUnsafe(), Exit.succeed(token))
      yield* until("the call is sent", () => calls.length === 2)
      yield* TestClock.adjust(5_000)
      for (let hits = 0; hits < 100; hits += 1) {
        assert.strictEqual(manager.peek(), token)
        assert.strictEqual(yield* manager.get, token)
      }
      yield* settled
      assert.lengthOf(calls, 2)
      calls[1]!.answer(tokenResponse("token-2"))
      yield* until("the new token is there", () => manager.peek() !== token)
      assert.strictEqual((yield* manager.get).reveal(), "token-2")
      assert.deepInclude(told("renewal-started")[1], { at: 80_000, reason: "window", background: true })
      assert.deepInclude(told("issued")[1], { at: 85_000, reason: "window", waited: 0, tookMillis: 5_000 })
    })
  )

  it.effect("may be a peek; before the window there is none, and without a hit never", () =>
    Effect.gen(function* () {
      const { manager, calls } = yield* holding()
      yield* TestClock.adjust(79_999)
      assert.isDefined(manager.peek())
      yield* settled
      assert.lengthOf(calls, 1)
      yield* TestClock.adjust(1)
      yield* settled
      assert.lengthOf(calls, 1)
      assert.strictEqual(manager.peek()?.reveal(), "token-1")
      yield* until("the new token is there", () => manager.peek()?.reveal() === "token-2")
      yield* TestClock.adjust("1 hour")
      yield* settled
      assert.lengthOf(calls, 2)
    })
  )

  it.effect("of many at once starts one", () =>
    Effect.gen(function* () {
      const { manager, calls, token } = yield* holding()
      yield* TestClock.adjust(90_000)
      const got = yield* Effect.all(
        Array.from({ length: 1_000 }, () => manager.get),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(new Set(got), new Set([token]))
      yield* until("the new token is there", () => manager.peek()?.reveal() === "token-2")
      assert.lengthOf(calls, 2)
    })
  )

  it.effect("finds what somebody else renewed already, and makes no call", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const mine = yield* holding({ storage })
      const other = yield* testManager({ storage, script: lasting(100_000), renewal: exact })
      yield* other.manager.get
      yield* TestClock.adjust(80_000)
      assert.strictEqual((yield* other.manager.get).id, mine.token.id)
      yield* until("the other one has renewed", () => other.manager.peek()?.id !== mine.token.id)
      yield* mine.manager.get
      yield* until("it is adopted", () => mine.manager.peek()?.id !== mine.token.id)
      assert.deepStrictEqual([mine.calls.length, other.calls.length], [1, 1])
      assert.deepInclude(mine.told("adopted")[0], { reason: "window", waited: 0 })
    })
  )

  it.effect("renews a token of 2 s as well, again and again", () =>
    Effect.gen(function* () {
      const { manager, calls, told } = yield* holding({ script: lasting(2_000) })
      for (let passed = 0; passed < 20_000; passed += 100) {
        yield* manager.get
        yield* resting(manager)
        yield* TestClock.adjust(100)
      }
      assert.lengthOf(calls, 13)
      assert.isTrue(told("issued").every(({ waited }, index) => waited === (index === 0 ? 1 : 0)))
    })
  )
})

describe("TOK-5: the window", () => {
  /** How old the first token is when a hit renews it. */
  const dueAt = Effect.fnUntraced(function* (life: number, renewal: RenewalOptions) {
    const { manager } = yield* testManager({ script: lasting(life), renewal })
    const { issuedAt } = yield* manager.get
    return manager.status().nextRenewalAt! - issuedAt
  })

  it.effect("is the one that is asked for, but never more than half a life", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* dueAt(100_000, { ...exact, window: "30 seconds" }), 70_000)
      assert.strictEqual(yield* dueAt(100_000, { ...exact, window: "5 minutes" }), 50_000)
      assert.strictEqual(yield* dueAt(86_400_000, exact), 86_400_000 - 600_000)
      assert.strictEqual(yield* dueAt(86_400_000, { ...exact, maxWindow: "1 minute" }), 86_400_000 - 60_000)
    })
  )

  it.effect("is moved by chance, once for a process: the same for all its tokens", () =>
    Effect.gen(function* () {
      const instants = new Set<number>()
      for (let process = 0; process < 50; process += 1) {
        const { manager } = yield* testManager({ script: lasting(100_000) })
        const ages = new Set<number>()
        for (let renewals = 0; renewals < 3; renewals += 1) {
          const token = yield* manager.get
          ages.add(manager.status().nextRenewalAt! - token.issuedAt)
          yield* manager.reject(token)
        }
        assert.strictEqual(ages.size, 1)
        for (const age of ages) instants.add(age)
      }
      assert.isAbove(instants.size, 10)
      for (const age of instants) assert.isTrue(age >= 78_000 && age <= 82_000, String(age))
    })
  )

  for (const [place, age] of [
    [0, 90_000],
    [0.5, 80_000],
    [1, 70_000]
  ] as const) {
    it.effect(`with a jitter of a half begins after ${age} ms of 100 s when the dice say ${place}`, () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* dueAt(100_000, { jitter: 0.5 }), age)
      }).pipe(dice(place))
    )
  }
})

describe("TOK-5: nothing ticks", () => {
  it.effect("while nobody asks, and a renewal leaves no timer behind", () => {
    const hands = handClock()
    return Effect.gen(function* () {
      const { manager, calls } = yield* holding()
      assert.strictEqual(hands.asleep(), 0)
      const before = hands.sleeps.length
      for (let hits = 0; hits < 70; hits += 1) {
        hands.pass(1_000)
        yield* manager.get
      }
      assert.deepStrictEqual([hands.asleep(), hands.sleeps.length, calls.length], [0, before, 1])
      hands.pass(10_000)
      yield* manager.get
      yield* until("the new token is there", () => manager.peek()?.reveal() === "token-2")
      yield* settled
      assert.strictEqual(hands.asleep(), 0)
    }).pipe(Effect.provideService(Clock.Clock, hands.clock))
  })
})
