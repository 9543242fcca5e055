import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { manualClock } from "../support/manualClock.ts"
import { tokensWithLifetime, type Script, status, tokenResponse } from "../support/scriptedTransport.ts"
import { testClient } from "../support/testClient.ts"
import { apiKey, testManager, type TestManagerOptions } from "../support/testManager.ts"
import { settled, until } from "../support/time.ts"
import { unhandledErrorsDuring } from "../support/unhandledErrors.ts"

/** The first token lives 10 s; the test responds to the other token requests. */
const firstOnly: Script = (call, index) => (index === 0 ? tokensWithLifetime(10_000)(call, index) : undefined)

const inBackground = Effect.fnUntraced(function* () {
  const test = yield* testManager({ script: firstOnly, renewal: { jitter: 0 } })
  yield* test.manager.get
  yield* TestClock.adjust(8_000)
  test.manager.peek()
  yield* until("the token request is sent", () => test.calls.length === 2)
  yield* settled
  return { ...test, call: test.calls[1]! }
})

describe("RUN-2: disposing during a background renewal", () => {
  it.effect("lets the response arrive and be saved", () =>
    Effect.gen(function* () {
      const { call, dispose, manager, storage } = yield* inBackground()
      const disposing = yield* Effect.forkChild(dispose)
      yield* settled
      assert.deepStrictEqual([disposing.pollUnsafe(), call.init.signal?.aborted], [undefined, false])
      assert.isUndefined(manager.peek())
      call.respond(tokenResponse("token-2"))
      yield* Fiber.join(disposing)
      assert.include(storage.record().text, "token-2")
    })
  )

  it.effect("aborts the token request after 2 s, and leaves no unhandled rejection", () =>
    Effect.gen(function* () {
      const { call, calls, dispose } = yield* inBackground()
      const unhandled = yield* unhandledErrorsDuring(
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

  it.effect("fails callers at once that joined it after the old token had expired", () =>
    Effect.gen(function* () {
      const { calls, dispose, manager } = yield* inBackground()
      yield* TestClock.adjust(2_000)
      const callers = yield* Effect.forEach([1, 2], () => Effect.forkChild(Effect.flip(manager.get)))
      yield* settled
      const disposing = yield* Effect.forkChild(dispose)
      for (const caller of callers) assert.strictEqual((yield* Fiber.join(caller)).code, "DISPOSED")
      calls[1]!.respond(status(404))
      yield* Fiber.join(disposing)
      assert.lengthOf(calls, 2)
    })
  )
})

describe("RUN-2: disposing while a caller waits for", () => {
  const waits: ReadonlyArray<readonly [what: string, options: TestManagerOptions, sent: number]> = [
    ["the end of the issuer's rate limit", { script: () => status(429, { headers: { "retry-after": "4" } }) }, 1],
    ["another try", { script: () => status(503) }, 1],
    ["the token response", { script: () => undefined }, 1],
    ["the API key", { source: () => new Promise<string>(() => undefined) }, 0],
    ["the next API key", { script: () => status(401), source: [apiKey, () => new Promise<string>(() => undefined)] }, 1]
  ]
  for (const [what, options, sent] of waits) {
    it.effect(`${what}: the caller fails at once, no timer is left, and nothing more is sent`, () => {
      const time = manualClock()
      return Effect.gen(function* () {
        const { calls, dispose, manager, types } = yield* testManager(options)
        const callers = yield* Effect.forEach([1, 2], () => Effect.forkChild(Effect.flip(manager.get)))
        yield* until("the caller waits", () => calls.length === sent && time.timers() > 0)
        yield* settled
        assert.isAbove(time.timers(), 0)
        const disposing = yield* Effect.forkChild(dispose)
        for (const caller of callers) assert.strictEqual((yield* Fiber.join(caller)).code, "DISPOSED")
        yield* settled
        time.pass(2_000)
        yield* Fiber.join(disposing)
        yield* settled
        assert.strictEqual(time.timers(), 0)
        time.pass(3_600_000)
        yield* settled
        assert.lengthOf(calls, sent)
        assert.notInclude(types(), "issued")
      }).pipe(Effect.provideService(Clock.Clock, time.clock))
    })
  }

  it.effect("nothing: an idle manager leaves no timer, not even during a back-off", () => {
    const time = manualClock()
    return Effect.gen(function* () {
      const { dispose, manager } = yield* testManager({
        script: (call, index) => (index === 0 ? tokensWithLifetime(10_000)(call, index) : status(404))
      })
      yield* manager.get
      time.pass(9_000)
      manager.peek()
      yield* until("the renewal has failed", () => manager.status().lastError !== undefined)
      yield* settled
      assert.strictEqual(time.timers(), 0)
      yield* dispose
      assert.strictEqual(time.timers(), 0)
    }).pipe(Effect.provideService(Clock.Clock, time.clock))
  })
})

describe("RUN-2: disposing while a request is repeated", () => {
  const rejectingFirst: Script = ({ authorization }) => (authorization === "Bearer token-1" ? status(401) : undefined)

  it.effect("after its token arrived: the caller gets the response to the repeated request", () =>
    Effect.gen(function* () {
      const { calls, client, dispose, sent } = yield* testClient({ apiScript: rejectingFirst })
      const request = yield* Effect.forkChild(client.request("/x"))
      yield* until("the request is repeated", () => sent.length === 2)
      yield* dispose
      assert.isFalse(calls.at(-1)!.init.signal?.aborted)
      calls.at(-1)!.respond(new Response("late"))
      const response = yield* Fiber.join(request)
      assert.strictEqual(yield* Effect.promise(() => response.text()), "late")
    })
  )

  it.effect("before its token arrived: the caller fails at once, and the request is not repeated", () =>
    Effect.gen(function* () {
      const tokenScript: Script = (_, index) => (index === 0 ? tokenResponse("token-1") : undefined)
      const { calls, client, dispose, issued, sent } = yield* testClient({ apiScript: rejectingFirst, tokenScript })
      const request = yield* Effect.forkChild(Effect.flip(client.request("/x")))
      yield* until("the token is renewed", () => issued.length === 2)
      yield* settled
      const disposing = yield* Effect.forkChild(dispose)
      assert.strictEqual((yield* Fiber.join(request)).code, "DISPOSED")
      calls.at(-1)!.respond(tokenResponse("token-2"))
      yield* Fiber.join(disposing)
      assert.lengthOf(sent, 1)
    })
  )
})
