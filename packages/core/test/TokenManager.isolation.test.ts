import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { tokenResponse } from "./support/scriptedTransport.ts"
import { testManager } from "./support/testManager.ts"
import { settled, until } from "./support/turns.ts"

const underway = Effect.fnUntraced(function* (callers: number) {
  const test = yield* testManager({ script: () => undefined })
  const waiting = yield* Effect.all(Array.from({ length: callers }, () => Effect.forkChild(test.manager.get)))
  yield* until("the call is sent", () => test.calls.length === 1)
  yield* settled
  return { ...test, waiting, call: test.calls[0]! }
})

describe("TOK-7: callers are isolated", () => {
  it.effect("the first caller's interruption fails nobody else", () =>
    Effect.gen(function* () {
      const { waiting, call, calls } = yield* underway(3)
      const [first, ...others] = waiting
      yield* Fiber.interrupt(first!)
      assert.isFalse(call.init.signal?.aborted)
      call.answer(tokenResponse("token-1"))
      for (const other of others) assert.strictEqual((yield* Fiber.join(other)).reveal(), "token-1")
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("callers that all leave do not cancel a call that was sent, and its token is kept", () =>
    Effect.gen(function* () {
      const { manager, waiting, call, calls, storage, types } = yield* underway(3)
      yield* Effect.forEach(waiting, Fiber.interrupt)
      yield* settled
      assert.isFalse(call.init.signal?.aborted)
      assert.strictEqual(manager.status().state, "renewing")
      call.answer(tokenResponse("token-1"))
      yield* until("the token is stored", () => storage.asked.includes("save"))
      assert.strictEqual(manager.peek()?.reveal(), "token-1")
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(types(), ["renewal-started", "issued"])
    })
  )

  it.effect("a caller's own timeout is its own affair", () =>
    Effect.gen(function* () {
      const { manager, waiting, call } = yield* underway(1)
      const impatient = yield* Effect.forkChild(Effect.timeoutOption(manager.get, "1 second"))
      yield* settled
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(impatient))._tag, "None")
      call.answer(tokenResponse("token-1"))
      assert.strictEqual((yield* Fiber.join(waiting[0]!)).reveal(), "token-1")
    })
  )

  it.effect("a caller that comes after all have left joins the call under way", () =>
    Effect.gen(function* () {
      const { manager, waiting, call, calls } = yield* underway(2)
      yield* Effect.forEach(waiting, Fiber.interrupt)
      const late = yield* Effect.forkChild(manager.get)
      yield* settled
      call.answer(tokenResponse("token-1"))
      assert.strictEqual((yield* Fiber.join(late)).reveal(), "token-1")
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("only its own deadline ends a call that nobody waits for", () =>
    Effect.gen(function* () {
      const { manager, waiting, call } = yield* underway(2)
      yield* Effect.forEach(waiting, Fiber.interrupt)
      yield* TestClock.adjust("10 seconds")
      assert.isTrue(call.init.signal?.aborted)
      assert.strictEqual(manager.status().lastError?.code, "ISSUER_UNAVAILABLE")
    })
  )

  it.effect("a failure is shared by all who waited", () =>
    Effect.gen(function* () {
      const { waiting, call, calls, types } = yield* underway(3)
      call.answer(new Response("", { status: 401 }))
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
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "ISSUE_RESPONSE_INVALID")
      assert.strictEqual(manager.status().state, "empty")
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "ISSUE_RESPONSE_INVALID")
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.lengthOf(calls, 3)
      const failed = ["renewal-started", "renewal-failed"] as const
      assert.deepStrictEqual(types(), [...failed, ...failed, "renewal-started", "issued"])
    })
  )

  it.effect("a failure without any waiting, as of a malformed key, is not cached either", () =>
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
