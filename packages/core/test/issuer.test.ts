import { assert, describe, it } from "@effect/vitest"
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import type { AuthError, IssueVerdict, Provider } from "../src/index.ts"
import { assertNoSecrets } from "../src/testing/index.ts"
import { tokenResponse } from "./support/scriptedTransport.ts"
import { apiKey, testManager, type TestManagerOptions } from "./support/testManager.ts"

/** The error of a first call, and what it took. */
const failing = Effect.fnUntraced(function* (options: TestManagerOptions) {
  const test = yield* testManager(options)
  const error = yield* Effect.flip(test.manager.get)
  return { ...test, error }
})

const printed = (error: AuthError) => inspect(error, { showHidden: true, depth: Infinity }) + (error.stack ?? "")

describe("TOK-10: the issue call", () => {
  it.effect("carries the key to the provider's own path, and is neither redirected, cached nor given cookies", () =>
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

  it.effect("has the provider's method, headers and body", () =>
    Effect.gen(function* () {
      const issueRequest = () => ({
        path: "token?a=1",
        method: "PUT",
        headers: { "x-a": "1", "cache-control": "own" },
        body: "b"
      })
      const { manager, calls } = yield* testManager({ provider: { issueRequest } })
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
    it.effect(`KEY-1: is not sent to ${path}, which a provider asks for`, () =>
      Effect.gen(function* () {
        const issueRequest = () => ({ path, method: "POST", headers: {} })
        const { error, calls } = yield* failing({ provider: { issueRequest, baseUrl: "https://api.example.test/v1" } })
        assert.strictEqual(error.code, "ORIGIN_NOT_ALLOWED")
        assert.lengthOf(calls, 0)
      })
    )
  }
})

describe("TOK-10: an answer within bounds", () => {
  const padded = (bytes: number) => new Response(JSON.stringify({ token: "token-1" }).padEnd(bytes))

  it.effect("of 64 KiB is read, and one byte more is ISSUE_RESPONSE_INVALID", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({ script: () => padded(65_536) })
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      const { error, calls } = yield* failing({ script: () => padded(65_537) })
      assert.strictEqual(error.code, "ISSUE_RESPONSE_INVALID")
      assert.match(error.message, /larger than 65536 bytes/)
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("has the bound that is asked for", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({ script: () => padded(100), issue: { maxBody: 100 } })
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      const { error } = yield* failing({ script: () => padded(100), issue: { maxBody: 99 } })
      assert.match(error.message, /larger than 99 bytes/)
    })
  )

  it.effect("that never ends is given up after 64 KiB and cancelled", () =>
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
      assert.strictEqual(error.code, "ISSUE_RESPONSE_INVALID")
      assert.isTrue(cancelled)
      assert.isBelow(chunks, 70)
    })
  )

  it.effect("that is a refusal is one also when its body is larger: the status is what counts", () =>
    Effect.gen(function* () {
      const { error } = yield* failing({ script: () => new Response("x".repeat(100_000), { status: 401 }) })
      assert.strictEqual(error.code, "API_KEY_REJECTED")
    })
  )
})

describe("TOK-10: an answer that is no token", () => {
  const secretText = "secret-text-2f6c1d"
  const answers: ReadonlyArray<readonly [what: string, response: () => Response, code: string]> = [
    ["200 with a page", () => new Response(`<html>${secretText}`), "ISSUE_RESPONSE_INVALID"],
    ["200 with nothing", () => new Response(""), "ISSUE_RESPONSE_INVALID"],
    ["200 with broken JSON", () => new Response(`{"token":"${secretText}`), "ISSUE_RESPONSE_INVALID"],
    ["200 with an empty token", () => tokenResponse(""), "ISSUE_RESPONSE_INVALID"],
    ["200 with a token of two words", () => tokenResponse(`${secretText} x`), "ISSUE_RESPONSE_INVALID"],
    ["200 with a header injection", () => tokenResponse(`${secretText}\r\nx: y`), "ISSUE_RESPONSE_INVALID"],
    ["200 with a token over 8 KiB", () => tokenResponse(secretText.padEnd(8193, "x")), "ISSUE_RESPONSE_INVALID"],
    ["200 with a token outside ASCII", () => tokenResponse(`${secretText}\u00e4`), "ISSUE_RESPONSE_INVALID"],
    ["200 without a token", () => Response.json({ text: secretText }), "ISSUE_RESPONSE_INVALID"],
    ["200 with a token that is no string", () => Response.json({ token: { secretText } }), "ISSUE_RESPONSE_INVALID"],
    ["204", () => new Response(null, { status: 204 }), "ISSUE_RESPONSE_INVALID"],
    ["404", () => new Response(secretText, { status: 404 }), "ISSUE_RESPONSE_INVALID"],
    ["418", () => new Response(secretText, { status: 418 }), "ISSUE_RESPONSE_INVALID"],
    ["401", () => new Response(secretText, { status: 401 }), "API_KEY_REJECTED"]
  ]
  for (const [what, response, code] of answers) {
    it.effect(`${what} is ${code} after one call, with no part of the body in the error`, () =>
      Effect.gen(function* () {
        const { error, calls } = yield* failing({ script: response })
        assert.strictEqual(error.code, code)
        assert.isFalse(error.retryable)
        assert.lengthOf(calls, 1)
        assertNoSecrets(printed(error), [apiKey, secretText])
      })
    )
  }

  it.effect("that refuses the key says whether it was the issuer itself, or something on the way", () =>
    Effect.gen(function* () {
      for (const [documented, says] of [
        [true, /is unknown, revoked or expired/],
        [false, /not the issuer's own.* firewall/],
        [undefined, /not the issuer's own.* firewall/]
      ] as const) {
        const readToken = () => ({ _tag: "KeyRejected", ...(documented === undefined ? {} : { documented }) }) as const
        const { error } = yield* failing({ provider: { readToken }, script: () => new Response("", { status: 403 }) })
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

describe("SEC-1: a provider's bug prints no secret", () => {
  const bugs: ReadonlyArray<readonly [what: string, provider: Partial<Provider["Service"]>, calls: number]> = [
    ["issueRequest throws", { issueRequest: (key) => { throw new Error(`bad ${key.reveal()}`) } }, 0], // prettier-ignore
    ["readToken throws", { readToken: ({ text }) => { throw new Error(`bad ${text}`) } }, 1], // prettier-ignore
    [
      "readToken answers a token that is no string",
      { readToken: () => ({ _tag: "Issued", token: 42 }) as unknown as IssueVerdict },
      1
    ]
  ]
  for (const [what, provider, sent] of bugs) {
    it.effect(`${what}: ISSUE_RESPONSE_INVALID`, () =>
      Effect.gen(function* () {
        const { error, calls } = yield* failing({ provider, script: () => tokenResponse("token-2f6c1d") })
        assert.strictEqual(error.code, "ISSUE_RESPONSE_INVALID")
        assert.lengthOf(calls, sent)
        assertNoSecrets(printed(error), [apiKey, "token-2f6c1d"])
      })
    )
  }
})
