import { assert, describe, it } from "@effect/vitest"
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import type { ApiKey, TokenFetch, TokenVerdict } from "../../src/index.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { type Script, status } from "../support/scriptedTransport.ts"
import { apiKey, testManager, type TestManagerOptions } from "../support/testManager.ts"
import { untilIdle } from "../support/time.ts"
import { unhandledErrorsDuring } from "../support/unhandledErrors.ts"

type RequestToken = (key: ApiKey, context: { readonly fetch: TokenFetch }) => TokenVerdict | Promise<TokenVerdict>

const clientWith = (requestToken: RequestToken, options: TestManagerOptions & { readonly script?: Script } = {}) =>
  testManager({ provider: { requestToken }, ...options })

const token: TokenVerdict = { _tag: "Issued", token: "token-1" }

describe("TOK-10: a request that a provider does not wait for", () => {
  it.effect("is aborted when the provider returns", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* clientWith(
        async (_, { fetch }) => {
          await Promise.race([fetch("/slow"), fetch("/token")])
          return token
        },
        { script: ({ url }) => (url.endsWith("/token") ? new Response("") : undefined) }
      )
      yield* manager.get
      assert.deepStrictEqual(
        calls.map(({ init, url }) => [new URL(url).pathname, init.signal?.aborted]),
        [
          ["/slow", true],
          ["/token", true]
        ]
      )
    })
  )

  it.effect("is not sent after that, and does not overwrite the stored token", () =>
    Effect.gen(function* () {
      let late: TokenFetch | undefined
      const storage = sharedStorage()
      const { calls, manager } = yield* clientWith(
        async (_, { fetch }) => {
          late = fetch
          await fetch("/token")
          return token
        },
        { storage, script: () => new Response("") }
      )
      yield* manager.get
      yield* untilIdle(manager)
      const saved = storage.record().text
      const outcome = yield* Effect.promise(() => late!("/token").catch((error: Error) => error.name))
      assert.strictEqual(outcome, "AbortError")
      assert.strictEqual(storage.record().text, saved)
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("is no unhandled rejection if it fails", () =>
    Effect.gen(function* () {
      const { manager } = yield* clientWith((_, { fetch }) => {
        void fetch("https://elsewhere.test/")
        return token
      })
      assert.deepStrictEqual(yield* unhandledErrorsDuring(manager.get), [])
    })
  )
})

describe("a provider's request", () => {
  it.effect("may have a stream as its body, which fetch sends only with `duplex`", () =>
    Effect.gen(function* () {
      const { manager } = yield* clientWith(
        async (_, { fetch }) => {
          await fetch("/token", { method: "POST", body: new Blob(["a"]).stream() })
          return token
        },
        {
          script: async ({ init, url }) => {
            // Throws as fetch does.
            const sent = new Request(url, init)
            return new Response(await sent.text())
          }
        }
      )
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
    })
  )

  it.effect("may not be a Request, whose text is no URL", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* clientWith(async (_, { fetch }) => {
        await fetch(new Request("https://api.example.test/token") as unknown as URL)
        return token
      })
      const error = yield* Effect.flip(manager.get)
      assert.strictEqual(error.code, "TOKEN_RESPONSE_INVALID")
      assert.include(error.message, "passed a Request")
      assert.lengthOf(calls, 0)
    })
  )

  it.effect("that fails keeps its error if a library wraps it", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* clientWith(
        async (_, { fetch }) => {
          try {
            await fetch("/token")
          } catch (cause) {
            throw new Error("The library failed", { cause })
          }
          return token
        },
        { tokenRequest: { tries: 1 }, script: () => Promise.reject(new TypeError("fetch failed")) }
      )
      const error = yield* Effect.flip(manager.get)
      assert.strictEqual(error.code, "ISSUER_UNAVAILABLE")
      assert.lengthOf(calls, 1)
    })
  )
})

describe("a provider that returns no verdict", () => {
  for (const [what, returned] of [
    ["nothing", undefined],
    ["null", null],
    ["the token", "token-2f6c1d"],
    ["an unknown verdict", { _tag: "Granted", token: "token-2f6c1d" }]
  ] as const) {
    it.effect(`but ${what} is TOKEN_RESPONSE_INVALID, and reported as any failure`, () =>
      Effect.gen(function* () {
        const { manager, types } = yield* clientWith(() => returned as unknown as TokenVerdict)
        const error = yield* Effect.flip(manager.get)
        assert.strictEqual(error.code, "TOKEN_RESPONSE_INVALID")
        assert.include(error.message, "returned no verdict")
        assertNoSecrets(inspect(error, { depth: Infinity }), ["token-2f6c1d"])
        assert.deepStrictEqual(types(), ["renewal-started", "renewal-failed"])
      })
    )
  }
})

describe("SEC-1: an API key in the path of the token request", () => {
  for (const [what, script] of [
    ["cannot be reached", () => Promise.reject(new TypeError("fetch failed"))],
    ["redirects", () => status(302, { headers: { location: "/elsewhere" } })]
  ] as const) {
    it.effect(`is not shown if the endpoint ${what}`, () =>
      Effect.gen(function* () {
        const { manager } = yield* clientWith(
          async (key, { fetch }) => {
            await fetch(`/bot${key.reveal()}/token`)
            return token
          },
          { script, tokenRequest: { tries: 1 } }
        )
        const error = yield* Effect.flip(manager.get)
        assert.include(error.message, "https://api.example.test/")
        assertNoSecrets(inspect(error, { showHidden: true, depth: Infinity }), [apiKey])
      })
    )
  }
})
