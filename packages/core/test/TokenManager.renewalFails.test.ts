import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { dice } from "./support/dice.ts"
import { lasting, status, type Script, tokenResponse } from "./support/scriptedTransport.ts"
import { testManager, type TestManagerOptions } from "./support/testManager.ts"
import { passing, resting, settled, until } from "./support/turns.ts"
import { unhandledDuring } from "./support/unhandled.ts"

/** The first token lives that long; what comes of the other calls is another script's affair. */
const then =
  (lifetime: number, others: Script): Script =>
  (call, index) =>
    index === 0 ? lasting(lifetime)(call, index) : others(call, index)

const refusing: Script = () => status(404)

const holding = Effect.fnUntraced(function* (options: TestManagerOptions) {
  const test = yield* testManager({ renewal: { jitter: 0 }, ...options })
  return { ...test, token: yield* test.manager.get }
})

describe("TOK-5: a background renewal that fails", () => {
  it.effect("is an event and nothing else: the good token stays, and nobody's rejection is left unhandled", () =>
    Effect.gen(function* () {
      const { manager, calls, told, token } = yield* holding({ script: then(100_000, refusing) })
      yield* TestClock.adjust(80_000)
      const unhandled = yield* unhandledDuring(
        Effect.gen(function* () {
          assert.strictEqual(yield* manager.get, token)
          yield* until("it has failed", () => told("renewal-failed").length === 1)
        })
      )
      assert.deepStrictEqual(unhandled, [])
      assert.deepStrictEqual(told("renewal-failed"), [
        {
          type: "renewal-failed",
          at: 80_000,
          reason: "window",
          code: "ISSUE_RESPONSE_INVALID",
          background: true,
          waited: 0
        }
      ])
      assert.strictEqual(yield* manager.get, token)
      assert.deepInclude(manager.status(), { state: "fresh", nextRenewalAt: 81_000 })
      assert.strictEqual(manager.status().lastError?.code, "ISSUE_RESPONSE_INVALID")
      assert.lengthOf(calls, 2)
    }).pipe(dice(1))
  )

  for (const [part, times] of [
    [1, [0, 80_000, 81_000, 83_000, 87_000, 95_000, 100_000]],
    [0, [0, 80_000, 80_500, 81_500, 83_500, 87_500, 95_500, 100_000]]
  ] as const) {
    it.effect(`is tried again after a back-off that doubles, until the token ends, when the dice say ${part}`, () =>
      Effect.gen(function* () {
        const clock = yield* Clock.Clock
        const sent: Array<number> = []
        const noted: Script = (call, index) => {
          sent.push(clock.currentTimeMillisUnsafe())
          return then(100_000, refusing)(call, index)
        }
        const { manager, token } = yield* holding({ script: noted })
        yield* TestClock.adjust(79_500)
        for (let age = 79_500; age < 100_000; age += 500) {
          assert.strictEqual(yield* manager.get, token)
          yield* resting(manager)
          yield* TestClock.adjust(500)
        }
        assert.strictEqual((yield* Effect.flip(manager.get)).code, "ISSUE_RESPONSE_INVALID")
        assert.deepStrictEqual(sent, [...times])
      }).pipe(dice(part))
    )
  }

  it.effect("of a token of 2 s leaves time for more than one attempt", () =>
    Effect.gen(function* () {
      const { manager, calls } = yield* holding({ script: then(2_000, refusing) })
      yield* TestClock.adjust(1_600)
      for (let age = 1_600; age < 2_000; age += 50) {
        assert.isDefined(manager.peek())
        yield* resting(manager)
        yield* TestClock.adjust(50)
      }
      assert.lengthOf(calls, 3)
    }).pipe(dice(1))
  )

  it.effect("is forgotten once one succeeds: the next failure backs off from the start", () =>
    Effect.gen(function* () {
      const script: Script = (call, index) => (index === 2 ? lasting(100_000)(call, index) : refusing(call, index))
      const { manager, calls, told } = yield* holding({ script: then(100_000, script) })
      yield* TestClock.adjust(80_000)
      yield* manager.get
      yield* until("it has failed", () => told("renewal-failed").length === 1)
      yield* resting(manager)
      yield* TestClock.adjust(1_000)
      yield* manager.get
      yield* until("it has succeeded", () => told("issued").length === 2)
      assert.isUndefined(manager.status().lastError)
      yield* TestClock.adjust(80_000)
      yield* manager.get
      yield* until("it has failed again", () => told("renewal-failed").length === 2)
      yield* resting(manager)
      assert.strictEqual(manager.status().nextRenewalAt, 81_000 + 80_000 + 1_000)
      assert.lengthOf(calls, 4)
    }).pipe(dice(1))
  )
})

describe("TOK-5: who joins a background renewal that fails", () => {
  const joined = Effect.fnUntraced(function* () {
    const test = yield* holding({ script: then(10_000, () => undefined), issue: { tries: 1 } })
    yield* TestClock.adjust(8_000)
    yield* test.manager.get
    yield* until("the call is sent", () => test.calls.length === 2)
    yield* TestClock.adjust(2_000)
    assert.isUndefined(test.manager.peek())
    const waiting = yield* Effect.all(
      Array.from({ length: 3 }, () => Effect.forkChild(Effect.result(test.manager.get)))
    )
    yield* settled
    assert.lengthOf(test.calls, 2)
    test.calls[1]!.answer(status(404))
    yield* until("the next call is sent", () => test.calls.length === 3)
    yield* settled
    return { ...test, waiting }
  })

  it.effect("gets one shared foreground renewal before an error", () =>
    Effect.gen(function* () {
      const { calls, told, waiting } = yield* joined()
      calls[2]!.answer(tokenResponse("token-3"))
      for (const fiber of waiting) {
        const token = yield* Effect.fromResult(yield* Fiber.join(fiber))
        assert.strictEqual(token.reveal(), "token-3")
      }
      assert.lengthOf(calls, 3)
      assert.deepInclude(told("renewal-failed")[0], { background: true, reason: "window", waited: 3 })
      assert.deepInclude(told("renewal-started")[2], { background: false, reason: "expired" })
      assert.deepInclude(told("issued")[1], { waited: 3 })
    })
  )

  it.effect("and shares its error when that fails as well", () =>
    Effect.gen(function* () {
      const { calls, told, waiting } = yield* joined()
      calls[2]!.answer(status(404))
      const errors = yield* Effect.forEach(waiting, (fiber) =>
        Effect.flip(Effect.flatMap(Fiber.join(fiber), Effect.fromResult))
      )
      assert.strictEqual(new Set(errors).size, 1)
      assert.lengthOf(calls, 3)
      assert.lengthOf(told("renewal-failed"), 2)
    })
  )

  it.effect("gets its token when it succeeds after the old one ended", () =>
    Effect.gen(function* () {
      const { manager, calls, told } = yield* holding({ script: then(10_000, () => undefined) })
      yield* TestClock.adjust(8_000)
      yield* manager.get
      yield* until("the call is sent", () => calls.length === 2)
      yield* TestClock.adjust(2_000)
      const waiting = yield* Effect.forkChild(manager.get)
      yield* settled
      calls[1]!.answer(tokenResponse("token-2"))
      assert.strictEqual((yield* Fiber.join(waiting)).reveal(), "token-2")
      assert.lengthOf(calls, 2)
      assert.deepInclude(told("issued")[1], { reason: "window", waited: 1 })
    })
  )

  it.effect("whose token is refused while it is being saved: gets one foreground renewal as well, and not two", () =>
    Effect.gen(function* () {
      const { manager, calls, storage, told } = yield* holding({
        script: then(10_000, () => undefined),
        issue: { tries: 1 }
      })
      yield* TestClock.adjust(8_000)
      storage.becomes({ save: () => Effect.never })
      yield* manager.get
      yield* until("the call is sent", () => calls.length === 2)
      calls[1]!.answer(tokenResponse("token-2"))
      yield* until("its token is there", () => told("issued").length === 2)
      yield* manager.reject(manager.peek()!)
      const waiting = yield* Effect.forkChild(manager.get)
      yield* settled
      const late = yield* Effect.forkChild(passing(resting(manager)))
      yield* until("the next call is sent", () => calls.length === 3)
      calls[2]!.answer(status(404))
      assert.strictEqual((yield* Effect.flip(Fiber.join(waiting))).code, "ISSUE_RESPONSE_INVALID")
      yield* Fiber.join(late)
      assert.lengthOf(calls, 3)
    })
  )

  it.effect("a token that is refused while it is renewed in the background: the next caller waits for that call", () =>
    Effect.gen(function* () {
      const { manager, calls, token } = yield* holding({ script: then(10_000, () => undefined) })
      yield* TestClock.adjust(8_000)
      yield* manager.get
      yield* until("the call is sent", () => calls.length === 2)
      yield* manager.reject(token)
      const waiting = yield* Effect.forkChild(manager.get)
      yield* settled
      calls[1]!.answer(tokenResponse("token-2"))
      assert.strictEqual((yield* Fiber.join(waiting)).reveal(), "token-2")
      assert.lengthOf(calls, 2)
    })
  )
})
