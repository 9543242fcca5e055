import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { fixedRandom } from "../support/fixedRandom.ts"
import { tokensWithLifetime, status, type Script, tokenResponse } from "../support/scriptedTransport.ts"
import { testManager, type TestManagerOptions } from "../support/testManager.ts"
import { whileTimePasses, untilIdle, settled, until } from "../support/time.ts"
import { unhandledErrorsDuring } from "../support/unhandledErrors.ts"

/** The first token lives that long; another script handles the later token requests. */
const then =
  (lifetime: number, others: Script): Script =>
  (call, index) =>
    index === 0 ? tokensWithLifetime(lifetime)(call, index) : others(call, index)

const rejecting: Script = () => status(404)

const clientWithToken = Effect.fnUntraced(function* (options: TestManagerOptions) {
  const test = yield* testManager({ renewal: { jitter: 0 }, ...options })
  return { ...test, token: yield* test.manager.get }
})

describe("TOK-5: a background renewal that fails", () => {
  it.effect("is reported by an event only: the current token stays, and there is no unhandled rejection", () =>
    Effect.gen(function* () {
      const { manager, calls, eventsOf, token } = yield* clientWithToken({ script: then(100_000, rejecting) })
      yield* TestClock.adjust(80_000)
      const unhandled = yield* unhandledErrorsDuring(
        Effect.gen(function* () {
          assert.strictEqual(yield* manager.get, token)
          yield* until("the renewal has failed", () => eventsOf("renewal-failed").length === 1)
        })
      )
      assert.deepStrictEqual(unhandled, [])
      assert.deepStrictEqual(eventsOf("renewal-failed"), [
        {
          type: "renewal-failed",
          at: 80_000,
          reason: "window",
          code: "TOKEN_RESPONSE_INVALID",
          background: true,
          waited: 0
        }
      ])
      assert.strictEqual(yield* manager.get, token)
      assert.deepInclude(manager.status(), { state: "fresh", nextRenewalAt: 81_000 })
      assert.strictEqual(manager.status().lastError?.code, "TOKEN_RESPONSE_INVALID")
      assert.lengthOf(calls, 2)
    }).pipe(fixedRandom(1))
  )

  for (const [part, times] of [
    [1, [0, 80_000, 81_000, 83_000, 87_000, 95_000, 100_000]],
    [0, [0, 80_000, 80_500, 81_500, 83_500, 87_500, 95_500, 100_000]]
  ] as const) {
    it.effect(
      `is retried after a back-off that doubles, until the token expires, when the random value is ${part}`,
      () =>
        Effect.gen(function* () {
          const clock = yield* Clock.Clock
          const sent: Array<number> = []
          const noted: Script = (call, index) => {
            sent.push(clock.currentTimeMillisUnsafe())
            return then(100_000, rejecting)(call, index)
          }
          const { manager, token } = yield* clientWithToken({ script: noted })
          yield* TestClock.adjust(79_500)
          for (let age = 79_500; age < 100_000; age += 500) {
            assert.strictEqual(yield* manager.get, token)
            yield* untilIdle(manager)
            yield* TestClock.adjust(500)
          }
          assert.strictEqual((yield* Effect.flip(manager.get)).code, "TOKEN_RESPONSE_INVALID")
          assert.deepStrictEqual(sent, [...times])
        }).pipe(fixedRandom(part))
    )
  }

  it.effect("of a token of 2 s leaves time for more than one retry", () =>
    Effect.gen(function* () {
      const { manager, calls } = yield* clientWithToken({ script: then(2_000, rejecting) })
      yield* TestClock.adjust(1_600)
      for (let age = 1_600; age < 2_000; age += 50) {
        assert.isDefined(manager.peek())
        yield* untilIdle(manager)
        yield* TestClock.adjust(50)
      }
      assert.lengthOf(calls, 3)
    }).pipe(fixedRandom(1))
  )

  it.effect("no longer counts after a success: the next failure backs off from the start", () =>
    Effect.gen(function* () {
      const script: Script = (call, index) =>
        index === 2 ? tokensWithLifetime(100_000)(call, index) : rejecting(call, index)
      const { manager, calls, eventsOf } = yield* clientWithToken({ script: then(100_000, script) })
      yield* TestClock.adjust(80_000)
      yield* manager.get
      yield* until("the renewal has failed", () => eventsOf("renewal-failed").length === 1)
      yield* untilIdle(manager)
      yield* TestClock.adjust(1_000)
      yield* manager.get
      yield* until("the renewal has succeeded", () => eventsOf("issued").length === 2)
      assert.isUndefined(manager.status().lastError)
      yield* TestClock.adjust(80_000)
      yield* manager.get
      yield* until("the renewal has failed again", () => eventsOf("renewal-failed").length === 2)
      yield* untilIdle(manager)
      assert.strictEqual(manager.status().nextRenewalAt, 81_000 + 80_000 + 1_000)
      assert.lengthOf(calls, 4)
    }).pipe(fixedRandom(1))
  )
})

describe("TOK-5: a caller that joins a background renewal", () => {
  const joined = Effect.fnUntraced(function* () {
    const test = yield* clientWithToken({ script: then(10_000, () => undefined), tokenRequest: { tries: 1 } })
    yield* TestClock.adjust(8_000)
    yield* test.manager.get
    yield* until("the token request is sent", () => test.calls.length === 2)
    yield* TestClock.adjust(2_000)
    assert.isUndefined(test.manager.peek())
    const waiting = yield* Effect.all(
      Array.from({ length: 3 }, () => Effect.forkChild(Effect.result(test.manager.get)))
    )
    yield* settled
    assert.lengthOf(test.calls, 2)
    test.calls[1]!.respond(status(404))
    yield* until("the next token request is sent", () => test.calls.length === 3)
    yield* settled
    return { ...test, waiting }
  })

  it.effect("gets one shared foreground renewal if it fails, before an error", () =>
    Effect.gen(function* () {
      const { calls, eventsOf, waiting } = yield* joined()
      calls[2]!.respond(tokenResponse("token-3"))
      for (const fiber of waiting) {
        const token = yield* Effect.fromResult(yield* Fiber.join(fiber))
        assert.strictEqual(token.reveal(), "token-3")
      }
      assert.lengthOf(calls, 3)
      assert.deepInclude(eventsOf("renewal-failed")[0], { background: true, reason: "window", waited: 3 })
      assert.deepInclude(eventsOf("renewal-started")[2], { background: false, reason: "expired" })
      assert.deepInclude(eventsOf("issued")[1], { waited: 3 })
    })
  )

  it.effect("gets the error of the foreground renewal if that fails as well", () =>
    Effect.gen(function* () {
      const { calls, eventsOf, waiting } = yield* joined()
      calls[2]!.respond(status(404))
      const errors = yield* Effect.forEach(waiting, (fiber) =>
        Effect.flip(Effect.flatMap(Fiber.join(fiber), Effect.fromResult))
      )
      assert.strictEqual(new Set(errors).size, 1)
      assert.lengthOf(calls, 3)
      assert.lengthOf(eventsOf("renewal-failed"), 2)
    })
  )

  it.effect("gets the token if it succeeds after the old one expired", () =>
    Effect.gen(function* () {
      const { manager, calls, eventsOf } = yield* clientWithToken({ script: then(10_000, () => undefined) })
      yield* TestClock.adjust(8_000)
      yield* manager.get
      yield* until("the token request is sent", () => calls.length === 2)
      yield* TestClock.adjust(2_000)
      const waiting = yield* Effect.forkChild(manager.get)
      yield* settled
      calls[1]!.respond(tokenResponse("token-2"))
      assert.strictEqual((yield* Fiber.join(waiting)).reveal(), "token-2")
      assert.lengthOf(calls, 2)
      assert.deepInclude(eventsOf("issued")[1], { reason: "window", waited: 1 })
    })
  )

  it.effect("whose token is rejected while it is being saved: gets one foreground renewal, not two", () =>
    Effect.gen(function* () {
      const { manager, calls, storage, eventsOf } = yield* clientWithToken({
        script: then(10_000, () => undefined),
        tokenRequest: { tries: 1 }
      })
      yield* TestClock.adjust(8_000)
      storage.override({ save: () => Effect.never })
      yield* manager.get
      yield* until("the token request is sent", () => calls.length === 2)
      calls[1]!.respond(tokenResponse("token-2"))
      yield* until("the token is renewed", () => eventsOf("issued").length === 2)
      yield* manager.reject(manager.peek()!)
      const waiting = yield* Effect.forkChild(manager.get)
      yield* settled
      const late = yield* Effect.forkChild(whileTimePasses(untilIdle(manager)))
      yield* until("the next token request is sent", () => calls.length === 3)
      calls[2]!.respond(status(404))
      assert.strictEqual((yield* Effect.flip(Fiber.join(waiting))).code, "TOKEN_RESPONSE_INVALID")
      yield* Fiber.join(late)
      assert.lengthOf(calls, 3)
    })
  )

  it.effect("waits for it if the current token is rejected meanwhile", () =>
    Effect.gen(function* () {
      const { manager, calls, token } = yield* clientWithToken({ script: then(10_000, () => undefined) })
      yield* TestClock.adjust(8_000)
      yield* manager.get
      yield* until("the token request is sent", () => calls.length === 2)
      yield* manager.reject(token)
      const waiting = yield* Effect.forkChild(manager.get)
      yield* settled
      calls[1]!.respond(tokenResponse("token-2"))
      assert.strictEqual((yield* Fiber.join(waiting)).reveal(), "token-2")
      assert.lengthOf(calls, 2)
    })
  )
})
