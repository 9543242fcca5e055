import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { tokenResponse } from "../support/scriptedTransport.ts"
import { testManager } from "../support/testManager.ts"
import { settled, until } from "../support/time.ts"

const underway = Effect.fnUntraced(function* (callers: number) {
  const test = yield* testManager({ script: () => undefined })
  const waiting = yield* Effect.all(Array.from({ length: callers }, () => Effect.forkChild(test.manager.get)))
  yield* until("the token request is sent", () => test.calls.length === 1)
  yield* settled
  return { ...test, waiting, call: test.calls[0]! }
})

describe("TOK-7: callers are isolated", () => {
  it.effect("interrupting the first caller fails no other", () =>
    Effect.gen(function* () {
      const { waiting, call, calls } = yield* underway(3)
      const [first, ...others] = waiting
      yield* Fiber.interrupt(first!)
      assert.isFalse(call.init.signal?.aborted)
      call.respond(tokenResponse("token-1"))
      for (const other of others) assert.strictEqual((yield* Fiber.join(other)).reveal(), "token-1")
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("interrupting all callers does not cancel the token request, and its token is kept", () =>
    Effect.gen(function* () {
      const { manager, waiting, call, calls, storage, types } = yield* underway(3)
      yield* Effect.forEach(waiting, Fiber.interrupt)
      yield* settled
      assert.isFalse(call.init.signal?.aborted)
      assert.strictEqual(manager.status().state, "renewing")
      call.respond(tokenResponse("token-1"))
      yield* until("the token is saved", () => storage.operations.includes("save"))
      assert.strictEqual(manager.peek()?.reveal(), "token-1")
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(types(), ["renewal-started", "issued"])
    })
  )

  it.effect("the timeout of one caller does not affect others", () =>
    Effect.gen(function* () {
      const { manager, waiting, call } = yield* underway(1)
      const impatient = yield* Effect.forkChild(Effect.timeoutOption(manager.get, "1 second"))
      yield* settled
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(impatient))._tag, "None")
      call.respond(tokenResponse("token-1"))
      assert.strictEqual((yield* Fiber.join(waiting[0]!)).reveal(), "token-1")
    })
  )

  it.effect("a caller that arrives after all others left joins the token request", () =>
    Effect.gen(function* () {
      const { manager, waiting, call, calls } = yield* underway(2)
      yield* Effect.forEach(waiting, Fiber.interrupt)
      const late = yield* Effect.forkChild(manager.get)
      yield* settled
      call.respond(tokenResponse("token-1"))
      assert.strictEqual((yield* Fiber.join(late)).reveal(), "token-1")
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("a token request without callers ends only by its own deadline", () =>
    Effect.gen(function* () {
      const { manager, waiting, call } = yield* underway(2)
      yield* Effect.forEach(waiting, Fiber.interrupt)
      yield* TestClock.adjust("10 seconds")
      assert.isTrue(call.init.signal?.aborted)
      assert.strictEqual(manager.status().lastError?.code, "ISSUER_UNAVAILABLE")
    })
  )

  it.effect("all waiting callers get the same failure", () =>
    Effect.gen(function* () {
      const { waiting, call, calls, types } = yield* underway(3)
      call.respond(new Response("", { status: 401 }))
      const errors = yield* Effect.forEach(waiting, (fiber) => Effect.flip(Fiber.join(fiber)))
      assert.deepStrictEqual(
        errors.map(({ code }) => code),
        ["API_KEY_REJECTED", "API_KEY_REJECTED", "API_KEY_REJECTED"]
      )
      assert.strictEqual(new Set(errors).size, 1)
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(types(), ["renewal-started", "key-rejected", "renewal-failed"])
    })
  )

  it.effect("a failure is not cached: the next caller tries again", () =>
    Effect.gen(function* () {
      const script = (_: unknown, index: number) =>
        index < 2 ? new Response("", { status: 404 }) : tokenResponse("token-1")
      const { manager, calls, types } = yield* testManager({ script })
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "TOKEN_RESPONSE_INVALID")
      assert.strictEqual(manager.status().state, "empty")
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "TOKEN_RESPONSE_INVALID")
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.lengthOf(calls, 3)
      const failed = ["renewal-started", "renewal-failed"] as const
      assert.deepStrictEqual(types(), [...failed, ...failed, "renewal-started", "issued"])
    })
  )

  it.effect("an immediate failure, as of a malformed key, is not cached either", () =>
    Effect.gen(function* () {
      const { manager, calls } = yield* testManager({ source: "a key with spaces" })
      for (let again = 0; again < 3; again += 1) {
        assert.strictEqual((yield* Effect.flip(manager.get)).code, "API_KEY_MALFORMED")
        assert.strictEqual(manager.status().state, "empty")
      }
      assert.lengthOf(calls, 0)
    })
  )
})
