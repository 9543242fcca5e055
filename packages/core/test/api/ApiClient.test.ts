import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import { inspect } from "node:util"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { status, tokenResponse } from "../support/scriptedTransport.ts"
import { anything, testApi } from "../support/testApi.ts"
import { apiKey } from "../support/testManager.ts"
import { settled, until } from "../support/time.ts"

const errorResponse = (text: unknown, code = 404) => Response.json({ message: text }, { status: code })
const messageOf = (text: string): unknown => (JSON.parse(text) as { message?: unknown }).message

describe("a document", () => {
  it.effect("is fetched with a token, as JSON, and decoded", () =>
    Effect.gen(function* () {
      const decode = (body: unknown) => Result.succeed(`decoded ${JSON.stringify(body)}`)
      const { calls, get } = yield* testApi({ apiScript: () => Response.json({ a: 1 }) })
      assert.strictEqual(yield* get({ ...anything, decode }), 'decoded {"a":1}')
      const [, call = assert.fail()] = calls
      assert.strictEqual(call.url, "https://api.example.test/things?page=1")
      assert.strictEqual(call.authorization, "Bearer token-1")
      assert.strictEqual(new Headers(call.init.headers).get("accept"), "application/json")
    })
  )

  const defects: ReadonlyArray<readonly [what: string, body: () => BodyInit | null, path: string, message: string]> = [
    ["not JSON", () => "<html>Log in</html>", "$", "is not JSON."],
    ["half of it", () => '{"a":', "$", "is not JSON."],
    ["nothing", () => null, "$", "is not JSON."],
    ["two documents", () => "{}{}", "$", "is not JSON."],
    ["not as documented", () => "{}", "$.a[3]", "is not as documented, at $.a[3]."],
    ["too large", () => new Uint8Array(16 * 1024 * 1024 + 1).fill(0x20), "$", "is larger than 16777216 bytes."]
  ]
  for (const [what, body, path, message] of defects) {
    it.effect(`that is ${what} is RESPONSE_INVALID, and the error quotes none of it`, () =>
      Effect.gen(function* () {
        const { get } = yield* testApi({ apiScript: () => new Response(body()) })
        const error = yield* Effect.flip(get({ ...anything, decode: () => Result.fail("$.a[3]") }))
        assert.deepStrictEqual(error.reason, { _tag: "ResponseInvalid", path })
        assert.include(error.message, `The response of /things ${message}`)
        assert.notInclude(inspect(error), "Log in")
      })
    )
  }

  it.effect("of 16 MiB is not too large", () =>
    Effect.gen(function* () {
      const body = `${" ".repeat(16 * 1024 * 1024 - 2)}{}`
      const { get } = yield* testApi({ apiScript: () => new Response(body) })
      assert.deepStrictEqual(yield* get(anything), {})
    })
  )

  it.effect("that ends early is TRANSPORT_FAILED, with a cause without secrets", () =>
    Effect.gen(function* () {
      const broken = Object.assign(new TypeError("terminated with sk-live"), { code: "UND_ERR_SOCKET" })
      const body = new ReadableStream({ pull: (controller) => controller.error(broken) })
      const { get } = yield* testApi({ apiScript: () => new Response(body) })
      const error = yield* Effect.flip(get(anything))
      assert.strictEqual(error.code, "TRANSPORT_FAILED")
      assert.deepStrictEqual(error.cause, { name: "TypeError", code: "UND_ERR_SOCKET" })
    })
  )

  it.effect("that does not arrive within a minute is TRANSPORT_FAILED, and the request is aborted", () =>
    Effect.gen(function* () {
      const { calls, get } = yield* testApi({ apiScript: () => undefined })
      const request = yield* Effect.forkChild(Effect.flip(get(anything)))
      yield* until("the request is sent", () => calls.length === 2)
      yield* TestClock.adjust(60_000)
      assert.include((yield* Fiber.join(request)).message, "/things did not respond within 60 s.")
      assert.isTrue(calls[1]?.init.signal?.aborted)
    })
  )

  it.effect("whose body stops arriving is aborted as well", () =>
    Effect.gen(function* () {
      let cancelled = false
      const body = new ReadableStream({
        pull: () => new Promise<void>(() => undefined),
        cancel: () => {
          cancelled = true
        }
      })
      const { calls, get } = yield* testApi({ apiScript: () => new Response(body) })
      const request = yield* Effect.forkChild(Effect.flip(get(anything)))
      yield* until("the request is sent", () => calls.length === 2)
      yield* settled
      yield* TestClock.adjust(60_000)
      assert.strictEqual((yield* Fiber.join(request)).code, "TRANSPORT_FAILED")
      assert.isTrue(cancelled)
    })
  )

  it.effect("is aborted on the wire at any point if no caller waits for it", () =>
    Effect.gen(function* () {
      const body = new ReadableStream({ pull: () => new Promise<void>(() => undefined) })
      for (const apiScript of [() => undefined, () => new Response(body)]) {
        const { calls, get } = yield* testApi({ apiScript })
        const request = yield* Effect.forkChild(get(anything))
        yield* until("the request is sent", () => calls.length === 2)
        yield* settled
        yield* Fiber.interrupt(request)
        assert.isTrue(calls[1]?.init.signal?.aborted)
      }
    })
  )
})

describe("another status", () => {
  for (const code of [201, 204, 304, 400, 404, 405, 408, 410, 418, 422, 500, 503]) {
    it.effect(`${code} is API_ERROR, with the message of the API`, () =>
      Effect.gen(function* () {
        const bodiless = code === 204 || code === 304
        const apiScript = () => (bodiless ? new Response(null, { status: code }) : errorResponse("It cannot be", code))
        const { get } = yield* testApi({ apiScript, messageOf })
        const error = yield* Effect.flip(get(anything))
        assert.deepStrictEqual(error.reason, { _tag: "ApiError", status: code })
        assert.strictEqual(error.retryable, code >= 500 || code === 408)
        assert.include(error.message, `/things responded with status ${code}${bodiless ? "." : ": It cannot be."} `)
        assert.isAbove(error.fix.length, 10)
      })
    )
  }

  it.effect("about authorization keeps its code", () =>
    Effect.gen(function* () {
      const { get } = yield* testApi({ apiScript: () => status(401) })
      assert.strictEqual((yield* Effect.flip(get(anything))).code, "TOKEN_EXPIRED")
    })
  )

  const token = "token-1"
  const undecodable: ReadonlyArray<readonly [what: string, message: unknown]> = [
    ["the token", `The token ${token} is unknown`],
    ["the token, a control character in it", "The token token\u0000-1 is unknown"],
    ["the API key", `Who is ${apiKey}?`],
    ["the API key, percent-encoded", `Who is %73%6b${apiKey.slice(2)}?`],
    ["a word as long as a token", `Who is ${"x".repeat(40)}?`],
    ["more than 200 characters", "no ".repeat(68)],
    ["a megabyte", "no ".repeat(350_000)],
    ["an empty message", "\u200b \u0007"],
    ["a number", 404],
    ["an object", { toString: "no" }],
    ["nothing", undefined]
  ]
  for (const [what, message] of undecodable) {
    it.effect(`does not show the message of the API if it contains ${what} (SEC-1)`, () =>
      Effect.gen(function* () {
        const { get } = yield* testApi({ apiScript: () => errorResponse(message), messageOf })
        const error = yield* Effect.flip(get(anything))
        assert.include(error.message, "/things responded with status 404. ")
        assertNoSecrets(inspect(error, { depth: Infinity, showHidden: true }), [token, apiKey])
      })
    )
  }

  it.effect("shows the message of the API on one line, without invisible characters", () =>
    Effect.gen(function* () {
      const { get } = yield* testApi({
        apiScript: () => errorResponse("No\r\nsuch\u0000 \u202ething\u2028!"),
        messageOf
      })
      assert.include((yield* Effect.flip(get(anything))).message, "404: No such thing !")
    })
  )

  it.effect("does not show the token of its request, even if it was renewed meanwhile", () =>
    Effect.gen(function* () {
      const { get, manager } = yield* testApi({
        apiScript: () => {
          Effect.runSync(manager.reject("token-1"))
          return errorResponse("token-1 is not welcome")
        },
        messageOf
      })
      yield* manager.get
      const error = yield* Effect.flip(get(anything))
      assert.strictEqual(error.code, "API_ERROR")
      assert.notInclude(error.message, "welcome")
    })
  )

  it.effect("is reported without a message if the provider's messageOf throws", () =>
    Effect.gen(function* () {
      const { get } = yield* testApi({ apiScript: () => new Response("no JSON", { status: 500 }), messageOf })
      assert.include((yield* Effect.flip(get(anything))).message, "/things responded with status 500. ")
    })
  )

  it.effect("waits at most one second for the body of the error", () =>
    Effect.gen(function* () {
      const body = new ReadableStream({ pull: () => new Promise<void>(() => undefined) })
      const { calls, get } = yield* testApi({ apiScript: () => new Response(body, { status: 500 }), messageOf })
      const request = yield* Effect.forkChild(Effect.flip(get(anything)))
      yield* until("the request is sent", () => calls.length === 2)
      yield* settled
      yield* TestClock.adjust(1_000)
      assert.strictEqual((yield* Fiber.join(request)).code, "API_ERROR")
    })
  )
})

describe("a call that cannot be sent", () => {
  it.effect("fails with the error of the token request", () =>
    Effect.gen(function* () {
      const { get, sent } = yield* testApi({ tokenScript: () => status(401) })
      assert.strictEqual((yield* Effect.flip(get(anything))).code, "API_KEY_REJECTED")
      assert.lengthOf(sent, 0)
    })
  )

  it.effect("RUN-2: fails with DISPOSED after dispose", () =>
    Effect.gen(function* () {
      const { dispose, get, sent } = yield* testApi()
      yield* dispose
      assert.strictEqual((yield* Effect.flip(get(anything))).code, "DISPOSED")
      assert.lengthOf(sent, 0)
    })
  )

  for (const rateLimits of [{ perSecond: 0 }, { perMinute: 1.5 }, { perSecond: NaN }, "no", 5, null]) {
    it.effect(`CONFIG_INVALID: rateLimits: ${JSON.stringify(rateLimits)}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(testApi({ rateLimits: rateLimits as unknown as boolean }))
        assert.include(error.message, "rateLimits")
      })
    )
  }
})

it.effect("a document that needs a token first is fetched all the same", () =>
  Effect.gen(function* () {
    const { get } = yield* testApi({ tokenScript: () => tokenResponse("token-9"), apiScript: () => Response.json([]) })
    assert.deepStrictEqual(yield* get(anything), [])
  })
)
