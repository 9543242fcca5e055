import { assert, describe, it } from "@effect/vitest"
import { inspect } from "node:util"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { TokenkeepError } from "../../src/index.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { fixedRandom } from "../support/fixedRandom.ts"
import type { Call, Script } from "../support/scriptedTransport.ts"
import { tokenResponse } from "../support/scriptedTransport.ts"
import { apiKey, testManager, type TestManagerOptions } from "../support/testManager.ts"
import { settled, until, whileTimePasses } from "../support/time.ts"

const fault = (call: Call): undefined =>
  call.fail(
    Object.assign(new TypeError(`fetch failed with Bearer ${apiKey}`), { cause: { code: "ECONNREFUSED" } })
  ) as undefined
const denied = (call: Call): undefined =>
  call.fail(Object.assign(new Error("Requires net access"), { name: "NotCapable" })) as undefined
const busy: Script = () => new Response("busy", { status: 503 })

/** A manager whose `get` has started and whose first token request is sent. */
const started = Effect.fnUntraced(function* (options: TestManagerOptions) {
  const test = yield* testManager(options)
  const result = yield* Effect.forkChild(Effect.result(test.manager.get))
  yield* until("the token request is sent", () => test.calls.length > 0)
  yield* settled
  return { ...test, result, isOver: () => result.pollUnsafe() !== undefined }
})

describe("TOK-10: tries", () => {
  for (const [what, script, says] of [
    [
      "network faults",
      fault,
      /Could not reach the token endpoint https:\/\/api\.example\.test\/token \(ECONNREFUSED\)\. There were 3 tries\. Check that the server is running/
    ],
    ["a permission that Deno denies", denied, /There were 3 tries\. .*Run deno with --allow-net=api\.example\.test\./],
    ["5xx", busy, /responded with status 503\. There were 3 tries\. /]
  ] as const) {
    it.effect(`three on ${what}, with pauses of at most 200 and 400 ms between them`, () =>
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
      }).pipe(fixedRandom(1))
    )

    it.effect(`a retry that succeeds after ${what} is a success, and the first failure is not reported`, () =>
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

  it.effect("are counted in an error of the provider, which stays as it is otherwise", () =>
    Effect.gen(function* () {
      const requestToken = () => {
        throw TokenkeepError.of({ _tag: "IssuerUnavailable" }, { what: "It is down.", fix: "", retryable: false })
      }
      const { manager } = yield* testManager({ provider: { requestToken } })
      const error = yield* Effect.flip(whileTimePasses(manager.get))
      assert.deepStrictEqual([error.message.trim(), error.retryable], ["It is down. There were 3 tries.", false])
    })
  )

  it.effect("SEC-1: a network fault has a cause without secrets: name, code, method, origin and path", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({ script: fault, tokenRequest: { tries: 1 } })
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

  it.effect("are one, if configured, and there is no pause", () =>
    Effect.gen(function* () {
      for (const script of [fault, busy]) {
        const { manager, calls } = yield* testManager({ script, tokenRequest: { tries: 1 } })
        assert.strictEqual((yield* Effect.flip(manager.get)).code, "ISSUER_UNAVAILABLE")
        assert.lengthOf(calls, 1)
      }
    })
  )

  it.effect("follow a body that breaks, which is a network fault", () =>
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
    it.effect(`come after ${waits.join(" and ")} ms when the random value is ${part}: full jitter`, () =>
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
      }).pipe(fixedRandom(part))
    )
  }
})

describe("TOK-10: one deadline for the whole token request", () => {
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

  it.effect("of 10 s ends a request without a response, and aborts it", () =>
    Effect.gen(function* () {
      const test = yield* started({ script: () => undefined })
      yield* isLate(test, 10_000, 10_000)
      assert.isTrue(test.calls[0]!.init.signal?.aborted)
      assert.lengthOf(test.calls, 1)
    })
  )

  it.effect("includes the retries and their pauses", () =>
    Effect.gen(function* () {
      const test = yield* started({ script: (call, index) => (index === 0 ? busy(call, index) : undefined) })
      yield* TestClock.adjust(200)
      yield* settled
      assert.lengthOf(test.calls, 2)
      yield* isLate(test, 9_800, 10_000)
    })
  )

  it.effect("includes the body, which is cancelled", () =>
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

  it.effect("can be configured, and ends a request over a transport that ignores its signal", () =>
    Effect.gen(function* () {
      const ignoringAbort = { redirects: "visible" as const, send: () => new Promise<never>(() => undefined) }
      const calls: Array<Call> = []
      const test = yield* testManager({
        transport: { service: ignoringAbort, calls },
        tokenRequest: { deadline: "3 seconds" }
      })
      const result = yield* Effect.forkChild(Effect.flip(test.manager.get))
      yield* until("the renewal has started", () => test.storage.operations.length === 1)
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
  for (const [option, tokenRequest] of [
    ["tokenRequest.deadline", { deadline: 0 }],
    ["tokenRequest.deadline", { deadline: Infinity }],
    ["tokenRequest.tries", { tries: 0 }],
    ["tokenRequest.tries", { tries: 1.5 }],
    ["tokenRequest.maxBody", { maxBody: 0 }]
  ] as const) {
    it.effect(`${JSON.stringify(tokenRequest)} fails when the manager is built`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(testManager({ tokenRequest }))
        assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option })
      })
    )
  }

  it.effect("a provider without a valid URL, or with plain http that was not allowed, fails as well", () =>
    Effect.gen(function* () {
      const nowhere = yield* Effect.flip(testManager({ provider: { baseUrl: "nowhere" } }))
      assert.deepStrictEqual(nowhere.reason, { _tag: "ConfigInvalid", option: "provider" })
      const allowInsecureHttp = yield* Effect.flip(testManager({ provider: { baseUrl: "http://edge.test" } }))
      assert.strictEqual(allowInsecureHttp.code, "INSECURE_ORIGIN")
      yield* testManager({ provider: { baseUrl: "http://edge.test", allowInsecureHttp: true } })
    })
  )
})
