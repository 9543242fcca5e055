import { assert, describe, it } from "@effect/vitest"
import { inspect } from "node:util"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { assertNoSecrets } from "../src/testing/index.ts"
import { dice } from "./support/dice.ts"
import type { Call, Script } from "./support/scriptedTransport.ts"
import { tokenResponse } from "./support/scriptedTransport.ts"
import { apiKey, testManager, type TestManagerOptions } from "./support/testManager.ts"
import { settled, until } from "./support/turns.ts"

const fault = (call: Call): undefined =>
  call.fail(
    Object.assign(new TypeError(`fetch failed with Bearer ${apiKey}`), { cause: { code: "ECONNREFUSED" } })
  ) as undefined
const denied = (call: Call): undefined =>
  call.fail(Object.assign(new Error("Requires net access"), { name: "NotCapable" })) as undefined
const busy: Script = () => new Response("busy", { status: 503 })

/** A manager whose `get` is under way, its first call sent. */
const started = Effect.fnUntraced(function* (options: TestManagerOptions) {
  const test = yield* testManager(options)
  const result = yield* Effect.forkChild(Effect.result(test.manager.get))
  yield* until("the call is sent", () => test.calls.length > 0)
  yield* settled
  return { ...test, result, isOver: () => result.pollUnsafe() !== undefined }
})

describe("TOK-10: tries", () => {
  for (const [what, script, says] of [
    ["network faults", fault, /could not be reached/],
    ["what Deno does not permit", denied, /Run deno with --allow-net=api\.example\.test\./],
    ["5xx", busy, /answered with status 503/]
  ] as const) {
    it.effect(`three on ${what}, with waits of at most 200 and 400 ms between them`, () =>
      Effect.gen(function* () {
        const { calls, result, types } = yield* started({ script })
        for (const [millis, sent] of [
          [199, 1],
          [1, 2],
          [399, 2],
          [1, 3]
        ] as const) {
          yield* TestClock.adjust(millis)
          yield* settled
          assert.lengthOf(calls, sent)
        }
        const error = yield* Effect.flip(Effect.fromResult(yield* Fiber.join(result)))
        assert.strictEqual(error.code, "ISSUER_UNAVAILABLE")
        assert.match(error.message, says)
        assert.isTrue(error.retryable)
        assert.deepStrictEqual(types(), ["renewal-started", "renewal-failed"])
        yield* TestClock.adjust("1 hour")
        assert.lengthOf(calls, 3)
      }).pipe(dice(1))
    )

    it.effect(`a later one that succeeds after ${what} is a success, and nobody hears of the first`, () =>
      Effect.gen(function* () {
        const { result, types } = yield* started({
          script: (call, index) => (index === 0 ? script(call, index) : tokenResponse("token-1"))
        })
        yield* TestClock.adjust(200)
        assert.strictEqual((yield* Effect.fromResult(yield* Fiber.join(result))).reveal(), "token-1")
        assert.deepStrictEqual(types(), ["renewal-started", "issued"])
      })
    )
  }

  it.effect("SEC-1: a network fault leaves a stripped cause: name, code, method, origin and path", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({ script: fault, issue: { tries: 1 } })
      const error = yield* Effect.flip(manager.get)
      assert.deepStrictEqual(error.cause, {
        name: "TypeError",
        code: "ECONNREFUSED",
        method: "POST",
        url: "https://api.example.test/token"
      })
      assertNoSecrets(inspect(error, { depth: Infinity, showHidden: true }) + error.stack, [apiKey])
    })
  )

  it.effect("one, when that is the option, and it waits for nothing", () =>
    Effect.gen(function* () {
      for (const script of [fault, busy]) {
        const { manager, calls } = yield* testManager({ script, issue: { tries: 1 } })
        assert.strictEqual((yield* Effect.flip(manager.get)).code, "ISSUER_UNAVAILABLE")
        assert.lengthOf(calls, 1)
      }
    })
  )

  it.effect("a body that breaks is a network fault", () =>
    Effect.gen(function* () {
      const broken = () =>
        new Response(new ReadableStream({ pull: (controller) => controller.error(new Error(apiKey)) }))
      const { calls, result } = yield* started({
        script: (_, index) => (index === 0 ? broken() : tokenResponse("token-1"))
      })
      yield* TestClock.adjust(200)
      assert.strictEqual((yield* Effect.fromResult(yield* Fiber.join(result))).reveal(), "token-1")
      assert.lengthOf(calls, 2)
    })
  )

  for (const [part, waits] of [
    [0, [0, 0]],
    [0.25, [50, 100]],
    [0.5, [100, 200]]
  ] as const) {
    it.effect(`come after ${waits.join(" and ")} ms when the dice say ${part}: full jitter`, () =>
      Effect.gen(function* () {
        const times: Array<number> = []
        const clock = yield* Clock.Clock
        const script = () => {
          times.push(clock.currentTimeMillisUnsafe())
          return new Response("busy", { status: 503 })
        }
        const { result } = yield* started({ script })
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(result)
        assert.deepStrictEqual(times, [0, waits[0], waits[0] + waits[1]])
      }).pipe(dice(part))
    )
  }
})

describe("TOK-10: one deadline over everything", () => {
  const isLate = Effect.fnUntraced(function* (
    test: Effect.Success<ReturnType<typeof started>>,
    rest: number,
    deadline: number
  ) {
    yield* TestClock.adjust(rest - 1)
    yield* settled
    assert.isFalse(test.isOver())
    yield* TestClock.adjust(1)
    const error = yield* Effect.flip(Effect.fromResult(yield* Fiber.join(test.result)))
    assert.strictEqual(error.code, "ISSUER_UNAVAILABLE")
    assert.include(error.message, `within ${deadline} ms`)
  })

  it.effect("of 10 s ends a call without an answer, and aborts it", () =>
    Effect.gen(function* () {
      const test = yield* started({ script: () => undefined })
      yield* isLate(test, 10_000, 10_000)
      assert.isTrue(test.calls[0]!.init.signal?.aborted)
      assert.lengthOf(test.calls, 1)
    })
  )

  it.effect("counts the tries and their waits", () =>
    Effect.gen(function* () {
      const test = yield* started({ script: (call, index) => (index === 0 ? busy(call, index) : undefined) })
      yield* TestClock.adjust(200)
      yield* settled
      assert.lengthOf(test.calls, 2)
      yield* isLate(test, 9_800, 10_000)
    })
  )

  it.effect("counts the body, which is cancelled", () =>
    Effect.gen(function* () {
      let cancelled = false
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode('{"token":')),
        cancel: () => {
          cancelled = true
        }
      })
      const test = yield* started({ script: () => new Response(body) })
      yield* isLate(test, 10_000, 10_000)
      assert.isTrue(cancelled)
    })
  )

  it.effect("is the one that is asked for, also over a transport that ignores its signal", () =>
    Effect.gen(function* () {
      const deaf = { hops: "visible" as const, send: () => new Promise<never>(() => undefined) }
      const calls: Array<Call> = []
      const test = yield* testManager({ transport: { service: deaf, calls }, issue: { deadline: "3 seconds" } })
      const result = yield* Effect.forkChild(Effect.flip(test.manager.get))
      yield* until("it is under way", () => test.storage.asked.length === 1)
      yield* settled
      yield* TestClock.adjust(2_999)
      yield* settled
      assert.isUndefined(result.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.include((yield* Fiber.join(result)).message, "within 3000 ms")
    })
  )
})

describe("CONFIG_INVALID", () => {
  for (const [option, issue] of [
    ["issue.deadline", { deadline: 0 }],
    ["issue.deadline", { deadline: Infinity }],
    ["issue.tries", { tries: 0 }],
    ["issue.tries", { tries: 1.5 }],
    ["issue.maxBody", { maxBody: 0 }]
  ] as const) {
    it.effect(`${JSON.stringify(issue)} fails when the manager is built`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(testManager({ issue }))
        assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option })
      })
    )
  }

  it.effect("a provider that lives nowhere, or on plain http nobody opted in to, fails it as well", () =>
    Effect.gen(function* () {
      const nowhere = yield* Effect.flip(testManager({ provider: { baseUrl: "nowhere" } }))
      assert.deepStrictEqual(nowhere.reason, { _tag: "ConfigInvalid", option: "provider" })
      const cleartext = yield* Effect.flip(testManager({ provider: { baseUrl: "http://edge.test" } }))
      assert.strictEqual(cleartext.code, "INSECURE_ORIGIN")
      yield* testManager({ provider: { baseUrl: "http://edge.test", cleartext: true } })
    })
  )
})
