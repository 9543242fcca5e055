import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { handClock } from "./support/handClock.ts"
import { lasting, type Script, status, tokenResponse } from "./support/scriptedTransport.ts"
import { testKeep } from "./support/testKeep.ts"
import { apiKey, testManager, type TestManagerOptions } from "./support/testManager.ts"
import { settled, until } from "./support/turns.ts"
import { unhandledDuring } from "./support/unhandled.ts"

/** The first token lives 10 s; the other calls are answered by the test. */
const firstOnly: Script = (call, index) => (index === 0 ? lasting(10_000)(call, index) : undefined)

const inBackground = Effect.fnUntraced(function* () {
  const test = yield* testManager({ script: firstOnly, renewal: { jitter: 0 } })
  yield* test.manager.get
  yield* TestClock.adjust(8_000)
  test.manager.peek()
  yield* until("the call is sent", () => test.calls.length === 2)
  yield* settled
  return { ...test, call: test.calls[1]! }
})

describe("RUN-2: a dispose while a token is renewed in the background", () => {
  it.effect("lets the call come back and be saved", () =>
    Effect.gen(function* () {
      const { call, dispose, manager, storage } = yield* inBackground()
      const disposing = yield* Effect.forkChild(dispose)
      yield* settled
      assert.deepStrictEqual([disposing.pollUnsafe(), call.init.signal?.aborted], [undefined, false])
      assert.isUndefined(manager.peek())
      call.answer(tokenResponse("token-2"))
      yield* Fiber.join(disposing)
      assert.include(storage.record().text, "token-2")
    })
  )

  it.effect("aborts it after 2 s, and nobody's rejection is left unhandled", () =>
    Effect.gen(function* () {
      const { call, calls, dispose } = yield* inBackground()
      const unhandled = yield* unhandledDuring(
        Effect.gen(function* () {
          const disposing = yield* Effect.forkChild(dispose)
          yield* settled
          yield* TestClock.adjust(2_000)
          yield* Fiber.join(disposing)
        })
      )
      assert.isTrue(call.init.signal?.aborted)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual([unhandled, calls.length], [[], 2])
    })
  )

  it.effect("tells those who joined it when the old token had ended, at once", () =>
    Effect.gen(function* () {
      const { calls, dispose, manager } = yield* inBackground()
      yield* TestClock.adjust(2_000)
      const callers = yield* Effect.forEach([1, 2], () => Effect.forkChild(Effect.flip(manager.get)))
      yield* settled
      const disposing = yield* Effect.forkChild(dispose)
      for (const caller of callers) assert.strictEqual((yield* Fiber.join(caller)).code, "DISPOSED")
      calls[1]!.answer(status(404))
      yield* Fiber.join(disposing)
      assert.lengthOf(calls, 2)
    })
  )
})

describe("RUN-2: a dispose while something is waited for", () => {
  const waits: ReadonlyArray<readonly [what: string, options: TestManagerOptions, sent: number]> = [
    ["a 429 of the issuer", { script: () => status(429, { headers: { "retry-after": "4" } }) }, 1],
    ["another try", { script: () => status(503) }, 1],
    ["the answer to a call", { script: () => undefined }, 1],
    ["the key's source", { source: () => new Promise<string>(() => undefined) }, 0],
    [
      "the next key's source",
      { script: () => status(401), source: [apiKey, () => new Promise<string>(() => undefined)] },
      1
    ]
  ]
  for (const [what, options, sent] of waits) {
    it.effect(`${what}: the callers hear at once, no timer is left, and nothing more is sent`, () => {
      const hands = handClock()
      return Effect.gen(function* () {
        const { calls, dispose, manager, types } = yield* testManager(options)
        const callers = yield* Effect.forEach([1, 2], () => Effect.forkChild(Effect.flip(manager.get)))
        yield* until("it is waited for", () => calls.length === sent && hands.asleep() > 0)
        yield* settled
        assert.isAbove(hands.asleep(), 0)
        const disposing = yield* Effect.forkChild(dispose)
        for (const caller of callers) assert.strictEqual((yield* Fiber.join(caller)).code, "DISPOSED")
        yield* settled
        hands.pass(2_000)
        yield* Fiber.join(disposing)
        yield* settled
        assert.strictEqual(hands.asleep(), 0)
        hands.pass(3_600_000)
        yield* settled
        assert.lengthOf(calls, sent)
        assert.notInclude(types(), "issued")
      }).pipe(Effect.provideService(Clock.Clock, hands.clock))
    })
  }

  it.effect("nothing: a manager that idles leaves nothing either, and a back-off that stands is no timer", () => {
    const hands = handClock()
    return Effect.gen(function* () {
      const { dispose, manager } = yield* testManager({
        script: (call, index) => (index === 0 ? lasting(10_000)(call, index) : status(404))
      })
      yield* manager.get
      hands.pass(9_000)
      manager.peek()
      yield* until("it has failed", () => manager.status().lastError !== undefined)
      yield* settled
      assert.strictEqual(hands.asleep(), 0)
      yield* dispose
      assert.strictEqual(hands.asleep(), 0)
    }).pipe(Effect.provideService(Clock.Clock, hands.clock))
  })
})

describe("RUN-2: a dispose while a request is repeated", () => {
  const refusingFirst: Script = ({ authorization }) => (authorization === "Bearer token-1" ? status(401) : undefined)

  it.effect("after its token came: the repeated request is the caller's own, and is answered", () =>
    Effect.gen(function* () {
      const { calls, client, dispose, sent } = yield* testKeep({ answering: refusingFirst })
      const request = yield* Effect.forkChild(client.request("/x"))
      yield* until("it is repeated", () => sent.length === 2)
      yield* dispose
      assert.isFalse(calls.at(-1)!.init.signal?.aborted)
      calls.at(-1)!.answer(new Response("late"))
      const response = yield* Fiber.join(request)
      assert.strictEqual(yield* Effect.promise(() => response.text()), "late")
    })
  )

  it.effect("before its token came: the caller hears at once, and it is not sent again", () =>
    Effect.gen(function* () {
      const issuing: Script = (_, index) => (index === 0 ? tokenResponse("token-1") : undefined)
      const { calls, client, dispose, issued, sent } = yield* testKeep({ answering: refusingFirst, issuing })
      const request = yield* Effect.forkChild(Effect.flip(client.request("/x")))
      yield* until("the token is renewed", () => issued.length === 2)
      yield* settled
      const disposing = yield* Effect.forkChild(dispose)
      assert.strictEqual((yield* Fiber.join(request)).code, "DISPOSED")
      calls.at(-1)!.answer(tokenResponse("token-2"))
      yield* Fiber.join(disposing)
      assert.lengthOf(sent, 1)
    })
  )
})
