import { type ProviderOverrides } from "../support/exampleProvider.ts"
import { assert, describe, it } from "@effect/vitest"
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import type { TokenkeepError, TokenVerdict } from "../../src/index.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { tokenResponse } from "../support/scriptedTransport.ts"
import { apiKey, testManager, type TestManagerOptions } from "../support/testManager.ts"

/** The error of a first call, and the requests it caused. */
const failing = Effect.fnUntraced(function* (options: TestManagerOptions) {
  const test = yield* testManager(options)
  const error = yield* Effect.flip(test.manager.get)
  return { ...test, error }
})

const printed = (error: TokenkeepError) => inspect(error, { showHidden: true, depth: Infinity }) + (error.stack ?? "")

describe("TOK-10: the token request", () => {
  it.effect("carries the key to the provider's path, and is neither redirected, cached nor sent with cookies", () =>
    Effect.gen(function* () {
      const { manager, calls } = yield* testManager({ provider: { baseUrl: "https://api.example.test/v1" } })
      yield* manager.get
      const [{ url, init, authorization } = assert.fail()] = calls
      assert.strictEqual(url, "https://api.example.test/v1/token")
      assert.strictEqual(authorization, `Bearer ${apiKey}`)
      const { method, redirect, cache, credentials, body, signal } = init
      assert.deepStrictEqual(
        [method, redirect, cache, credentials, body],
        ["POST", "manual", "no-store", "omit", undefined]
      )
      assert.instanceOf(signal, AbortSignal)
      assert.strictEqual(new Headers(init.headers).get("cache-control"), "no-store")
    })
  )

  it.effect("has the method, headers and body of the provider", () =>
    Effect.gen(function* () {
      const tokenRequest = () => ({
        path: "token?a=1",
        method: "PUT",
        headers: { "x-a": "1", "cache-control": "own" },
        body: "b"
      })
      const { manager, calls } = yield* testManager({ provider: { tokenRequest } })
      yield* manager.get
      const [{ url, init } = assert.fail()] = calls
      assert.deepStrictEqual([url, init.method, init.body], ["https://api.example.test/token?a=1", "PUT", "b"])
      assert.deepStrictEqual(
        [...new Headers(init.headers)],
        [
          ["cache-control", "own"],
          ["x-a", "1"]
        ]
      )
    })
  )

  for (const path of ["https://evil.test/token", "//evil.test/token", "/../token", "http://api.example.test/token"]) {
    it.effect(`KEY-1: is not sent to ${path}, which a provider requests`, () =>
      Effect.gen(function* () {
        const tokenRequest = () => ({ path, method: "POST", headers: {} })
        const { error, calls } = yield* failing({ provider: { tokenRequest, baseUrl: "https://api.example.test/v1" } })
        assert.strictEqual(error.code, "ORIGIN_NOT_ALLOWED")
        assert.lengthOf(calls, 0)
      })
    )
  }
})

describe("TOK-10: a token response within bounds", () => {
  const padded = (bytes: number) => new Response(JSON.stringify({ token: "token-1" }).padEnd(bytes))

  it.effect("of 64 KiB is read, and one byte more is TOKEN_RESPONSE_INVALID", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({ script: () => padded(65_536) })
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      const { error, calls } = yield* failing({ script: () => padded(65_537) })
      assert.strictEqual(error.code, "TOKEN_RESPONSE_INVALID")
      assert.match(error.message, /larger than 65536 bytes/)
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("has the configured bound", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({ script: () => padded(100), tokenRequest: { maxBody: 100 } })
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      const { error } = yield* failing({ script: () => padded(100), tokenRequest: { maxBody: 99 } })
      assert.match(error.message, /larger than 99 bytes/)
    })
  )

  it.effect("that never ends is read up to 64 KiB and cancelled", () =>
    Effect.gen(function* () {
      let chunks = 0
      let cancelled = false
      const endless = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          chunks += 1
          controller.enqueue(new Uint8Array(1024))
        },
        cancel: () => {
          cancelled = true
        }
      })
      const { error } = yield* failing({ script: () => new Response(endless) })
      assert.strictEqual(error.code, "TOKEN_RESPONSE_INVALID")
      assert.isTrue(cancelled)
      assert.isBelow(chunks, 70)
    })
  )

  it.effect("that rejects the key does so also if its body is larger: the status decides", () =>
    Effect.gen(function* () {
      const { error } = yield* failing({ script: () => new Response("x".repeat(100_000), { status: 401 }) })
      assert.strictEqual(error.code, "API_KEY_REJECTED")
    })
  )
})

describe("TOK-10: a token response without a valid token", () => {
  const bodySecret = "secret-text-2f6c1d"
  const answers: ReadonlyArray<readonly [what: string, response: () => Response, code: string]> = [
    ["200 with a page", () => new Response(`<html>${bodySecret}`), "TOKEN_RESPONSE_INVALID"],
    ["200 with an empty body", () => new Response(""), "TOKEN_RESPONSE_INVALID"],
    ["200 with broken JSON", () => new Response(`{"token":"${bodySecret}`), "TOKEN_RESPONSE_INVALID"],
    ["200 with an empty token", () => tokenResponse(""), "TOKEN_RESPONSE_INVALID"],
    ["200 with a token of two words", () => tokenResponse(`${bodySecret} x`), "TOKEN_RESPONSE_INVALID"],
    ["200 with a header injection", () => tokenResponse(`${bodySecret}\r\nx: y`), "TOKEN_RESPONSE_INVALID"],
    ["200 with a token over 8 KiB", () => tokenResponse(bodySecret.padEnd(8193, "x")), "TOKEN_RESPONSE_INVALID"],
    ["200 with a token outside ASCII", () => tokenResponse(`${bodySecret}\u00e4`), "TOKEN_RESPONSE_INVALID"],
    ["200 without a token", () => Response.json({ text: bodySecret }), "TOKEN_RESPONSE_INVALID"],
    ["200 with a token that is not a string", () => Response.json({ token: { bodySecret } }), "TOKEN_RESPONSE_INVALID"],
    ["204", () => new Response(null, { status: 204 }), "TOKEN_RESPONSE_INVALID"],
    ["404", () => new Response(bodySecret, { status: 404 }), "TOKEN_RESPONSE_INVALID"],
    ["418", () => new Response(bodySecret, { status: 418 }), "TOKEN_RESPONSE_INVALID"],
    ["401", () => new Response(bodySecret, { status: 401 }), "API_KEY_REJECTED"]
  ]
  for (const [what, response, code] of answers) {
    it.effect(`${what} is ${code} after one request, with no part of the body in the error`, () =>
      Effect.gen(function* () {
        const { error, calls } = yield* failing({ script: response })
        assert.strictEqual(error.code, code)
        assert.isFalse(error.retryable)
        assert.lengthOf(calls, 1)
        assertNoSecrets(printed(error), [apiKey, bodySecret])
      })
    )
  }

  it.effect("that rejects the key shows whether the issuer sent it, or something on the way", () =>
    Effect.gen(function* () {
      for (const [documented, says] of [
        [true, /is unknown, revoked or expired/],
        [false, /not with the token endpoint's documented response.* firewall/],
        [undefined, /not with the token endpoint's documented response.* firewall/]
      ] as const) {
        const readTokenResponse = () =>
          ({ _tag: "KeyRejected", ...(documented === undefined ? {} : { documented }) }) as const
        const { error } = yield* failing({
          provider: { readTokenResponse },
          script: () => new Response("", { status: 403 })
        })
        assert.strictEqual(error.code, "API_KEY_REJECTED")
        assert.match(error.message, /\(api-key\).* with status 403/)
        assert.match(error.message, says)
      }
    })
  )

  for (const status of [301, 302, 303, 307, 308]) {
    it.effect(`KEY-1: ${status} is REDIRECT_REFUSED, and the key is not sent on, not even on the same origin`, () =>
      Effect.gen(function* () {
        for (const [location, to] of [
          ["https://evil.test/secret", "https://evil.test"],
          ["/elsewhere", "https://api.example.test"],
          ["https://", "unknown"],
          [undefined, "unknown"]
        ] as const) {
          const response = () => new Response("", { status, headers: location === undefined ? {} : { location } })
          const { error, calls } = yield* failing({ script: response })
          assert.deepStrictEqual(error.reason, { _tag: "RedirectRefused", from: "https://api.example.test", to })
          assert.lengthOf(calls, 1)
          assert.notInclude(error.message, "secret")
        }
      })
    )
  }
})

describe("SEC-1: a bug of the provider prints no secret", () => {
  const bugs: ReadonlyArray<readonly [what: string, provider: ProviderOverrides, calls: number]> = [
    ["tokenRequest throws", { tokenRequest: (key) => { throw new Error(`bad ${key.reveal()}`) } }, 0], // prettier-ignore
    ["readTokenResponse throws", { readTokenResponse: ({ text }) => { throw new Error(`bad ${text}`) } }, 1], // prettier-ignore
    [
      "readTokenResponse returns a token that is not a string",
      { readTokenResponse: () => ({ _tag: "Issued", token: 42 }) as unknown as TokenVerdict },
      1
    ]
  ]
  for (const [what, provider, sent] of bugs) {
    it.effect(`${what}: TOKEN_RESPONSE_INVALID`, () =>
      Effect.gen(function* () {
        const { error, calls } = yield* failing({ provider, script: () => tokenResponse("token-2f6c1d") })
        assert.strictEqual(error.code, "TOKEN_RESPONSE_INVALID")
        assert.lengthOf(calls, sent)
        assertNoSecrets(printed(error), [apiKey, "token-2f6c1d"])
      })
    )
  }
})
