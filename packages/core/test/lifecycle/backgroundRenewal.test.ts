import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as TestClock from "effect/testing/TestClock"
import type { RenewalOptions } from "../../src/index.ts"
import { fixedRandom } from "../support/fixedRandom.ts"
import { manualClock } from "../support/manualClock.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { tokensWithLifetime, type Script, tokenResponse } from "../support/scriptedTransport.ts"
import { testManager, type TestManagerOptions } from "../support/testManager.ts"
import { untilIdle, settled, until } from "../support/time.ts"

const exact: RenewalOptions = { jitter: 0 }

/** Responds to the first token request; the test responds to the others. */
const first =
  (script: Script): Script =>
  (call, index) =>
    index === 0 ? script(call, index) : undefined

/** A manager whose token lives 100 s, and is due for renewal after 80 s. */
const dueAfter80s = Effect.fnUntraced(function* (options: TestManagerOptions = {}) {
  const test = yield* testManager({ script: tokensWithLifetime(100_000), renewal: exact, ...options })
  const token = yield* test.manager.get
  return { ...test, token }
})

describe("TOK-5: the first request in the window", () => {
  it.effect("starts a renewal in the background, and all requests use the current token meanwhile", () =>
    Effect.gen(function* () {
      const { manager, calls, eventsOf, token } = yield* dueAfter80s({ script: first(tokensWithLifetime(100_000)) })
      yield* TestClock.adjust(80_000)
      const hit = yield* Effect.forkChild(manager.get, { startImmediately: true })
      assert.deepStrictEqual(hit.pollUnsafe(), Exit.succeed(token))
      yield* until("the token request is sent", () => calls.length === 2)
      yield* TestClock.adjust(5_000)
      for (let hits = 0; hits < 100; hits += 1) {
        assert.strictEqual(manager.peek(), token)
        assert.strictEqual(yield* manager.get, token)
      }
      yield* settled
      assert.lengthOf(calls, 2)
      calls[1]!.respond(tokenResponse("token-2"))
      yield* until("the token is renewed", () => manager.peek() !== token)
      assert.strictEqual((yield* manager.get).reveal(), "token-2")
      assert.deepInclude(eventsOf("renewal-started")[1], { at: 80_000, reason: "window", background: true })
      assert.deepInclude(eventsOf("issued")[1], { at: 85_000, reason: "window", waited: 0, tookMillis: 5_000 })
    })
  )

  it.effect("may be a peek; before the window, and without a request, there is no renewal", () =>
    Effect.gen(function* () {
      const { manager, calls } = yield* dueAfter80s()
      yield* TestClock.adjust(79_999)
      assert.isDefined(manager.peek())
      yield* settled
      assert.lengthOf(calls, 1)
      yield* TestClock.adjust(1)
      yield* settled
      assert.lengthOf(calls, 1)
      assert.strictEqual(manager.peek()?.reveal(), "token-1")
      yield* until("the token is renewed", () => manager.peek()?.reveal() === "token-2")
      yield* TestClock.adjust("1 hour")
      yield* settled
      assert.lengthOf(calls, 2)
    })
  )

  it.effect("starts one renewal, however many there are at once", () =>
    Effect.gen(function* () {
      const { manager, calls, token } = yield* dueAfter80s()
      yield* TestClock.adjust(90_000)
      const got = yield* Effect.all(
        Array.from({ length: 1_000 }, () => manager.get),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(new Set(got), new Set([token]))
      yield* until("the token is renewed", () => manager.peek()?.reveal() === "token-2")
      assert.lengthOf(calls, 2)
    })
  )

  it.effect("adopts a token that another client renewed, without a token request", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const client = yield* dueAfter80s({ storage })
      const other = yield* testManager({ storage, script: tokensWithLifetime(100_000), renewal: exact })
      yield* other.manager.get
      yield* TestClock.adjust(80_000)
      assert.strictEqual((yield* other.manager.get).id, client.token.id)
      yield* until("the other client has renewed", () => other.manager.peek()?.id !== client.token.id)
      yield* client.manager.get
      yield* until("the token is adopted", () => client.manager.peek()?.id !== client.token.id)
      assert.deepStrictEqual([client.calls.length, other.calls.length], [1, 1])
      assert.deepInclude(client.eventsOf("adopted")[0], { reason: "window", waited: 0 })
    })
  )

  it.effect("renews a token of 2 s as well, each time", () =>
    Effect.gen(function* () {
      const { manager, calls, eventsOf } = yield* dueAfter80s({ script: tokensWithLifetime(2_000) })
      for (let passed = 0; passed < 20_000; passed += 100) {
        yield* manager.get
        yield* untilIdle(manager)
        yield* TestClock.adjust(100)
      }
      assert.lengthOf(calls, 13)
      assert.isTrue(eventsOf("issued").every(({ waited }, index) => waited === (index === 0 ? 1 : 0)))
    })
  )
})

describe("TOK-5: the window", () => {
  /** The age of the first token when a request renews it. */
  const dueAt = Effect.fnUntraced(function* (life: number, renewal: RenewalOptions) {
    const { manager } = yield* testManager({ script: tokensWithLifetime(life), renewal })
    const { issuedAt } = yield* manager.get
    return manager.status().nextRenewalAt! - issuedAt
  })

  it.effect("is the configured one, but never more than half the lifetime", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* dueAt(100_000, { ...exact, window: "30 seconds" }), 70_000)
      assert.strictEqual(yield* dueAt(100_000, { ...exact, window: "5 minutes" }), 50_000)
      assert.strictEqual(yield* dueAt(86_400_000, exact), 86_400_000 - 600_000)
      assert.strictEqual(yield* dueAt(86_400_000, { ...exact, maxWindow: "1 minute" }), 86_400_000 - 60_000)
    })
  )

  it.effect("is shifted at random once per process, in the same way for all its tokens", () =>
    Effect.gen(function* () {
      const instants = new Set<number>()
      for (let process = 0; process < 50; process += 1) {
        const { manager } = yield* testManager({ script: tokensWithLifetime(100_000) })
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
    it.effect(`with a jitter of 0.5 starts after ${age} ms of 100 s when the random value is ${place}`, () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* dueAt(100_000, { jitter: 0.5 }), age)
      }).pipe(fixedRandom(place))
    )
  }
})

describe("TOK-5: there is no timer", () => {
  it.effect("without requests, nor after a renewal", () => {
    const time = manualClock()
    return Effect.gen(function* () {
      const { manager, calls } = yield* dueAfter80s()
      assert.strictEqual(time.timers(), 0)
      const before = time.sleeps.length
      for (let hits = 0; hits < 70; hits += 1) {
        time.pass(1_000)
        yield* manager.get
      }
      assert.deepStrictEqual([time.timers(), time.sleeps.length, calls.length], [0, before, 1])
      time.pass(10_000)
      yield* manager.get
      yield* until("the token is renewed", () => manager.peek()?.reveal() === "token-2")
      yield* settled
      assert.strictEqual(time.timers(), 0)
    }).pipe(Effect.provideService(Clock.Clock, time.clock))
  })
})
