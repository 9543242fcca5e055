import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { inspect } from "node:util"
import { pureTokenRequest, type TokenFetch } from "../../src/index.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import type { Script } from "../support/scriptedTransport.ts"
import { apiKey, testManager } from "../support/testManager.ts"
import { settled } from "../support/time.ts"

const issuer = "https://login.example.test"

const requestAt = (path: string) =>
  pureTokenRequest({
    tokenRequest: (key) => ({ path, method: "POST", headers: { authorization: `Bearer ${key.reveal()}` } }),
    readTokenResponse: ({ text }) => ({ _tag: "Issued", token: text })
  })

const respond: Script = ({ url }) => new Response(url.endsWith("/metadata") ? "{}" : "token-1")

/** A provider that discovers these origins, and sends its token request there. */
const discovering = (origins: unknown, path: string, more: { readonly allowInsecureHttp?: boolean } = {}) =>
  testManager({
    script: respond,
    provider: {
      tokenOrigins: [issuer],
      discoverTokenOrigins: async ({ fetch }) => {
        await fetch("/metadata")
        return origins as ReadonlyArray<string>
      },
      requestToken: requestAt(path),
      ...more
    }
  })

describe("KEY-1: token origins that a provider discovers", () => {
  it.effect("get the token request, which may be of another origin than the discovery", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* discovering(["https://tokens.example.test"], "/token")
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.deepStrictEqual(
        calls.map(({ authorization, url }) => [url, authorization]),
        [
          [`${issuer}/metadata`, undefined],
          ["https://tokens.example.test/token", `Bearer ${apiKey}`]
        ]
      )
    })
  )

  for (const [what, origins, path, code] of [
    ["plain http", ["http://tokens.example.test"], "/token", "INSECURE_ORIGIN"],
    ["no http at all", ["file:///etc"], "/token", "CONFIG_INVALID"],
    ["no URL", ["tokens"], "/token", "CONFIG_INVALID"],
    ["none", [], "/token", "CONFIG_INVALID"],
    ["no list", undefined, "https://evil.test/token", "ORIGIN_NOT_ALLOWED"],
    [
      "another origin than the request",
      ["https://tokens.example.test"],
      "https://evil.test/token",
      "ORIGIN_NOT_ALLOWED"
    ],
    ["another origin than the discovery's", ["https://tokens.example.test"], `${issuer}/token`, "ORIGIN_NOT_ALLOWED"]
  ] as const) {
    it.effect(`${what}: the credential is sent nowhere`, () =>
      Effect.gen(function* () {
        const { calls, manager } = yield* discovering(origins, path)
        assert.strictEqual((yield* Effect.flip(manager.get)).code, code)
        assert.deepStrictEqual(
          calls.map(({ url }) => url),
          [`${issuer}/metadata`]
        )
      })
    )
  }

  it.effect("may be plain http if the provider allows it", () =>
    Effect.gen(function* () {
      const { manager } = yield* discovering(["http://10.0.0.7:8100"], "/token", { allowInsecureHttp: true })
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
    })
  )

  it.effect("the discovery reaches the provider's own token origins only", () =>
    Effect.gen(function* () {
      const discover = async ({ fetch }: { readonly fetch: TokenFetch }) => {
        await fetch("https://evil.test/metadata")
        return [issuer]
      }
      const { calls, manager } = yield* testManager({
        script: respond,
        provider: { tokenOrigins: [issuer], discoverTokenOrigins: discover, requestToken: requestAt("/token") }
      })
      assert.deepStrictEqual((yield* Effect.flip(manager.get)).reason, {
        _tag: "OriginNotAllowed",
        origin: "https://evil.test"
      })
      assert.lengthOf(calls, 0)
    })
  )

  for (const part of [apiKey, apiKey.toUpperCase(), apiKey.slice(8), Buffer.from(apiKey).toString("hex")]) {
    it.effect(`SEC-1: are not shown if they contain a part of the key: ${part}`, () =>
      Effect.gen(function* () {
        const { calls, manager } = yield* discovering([`http://${part}.evil.test`], "/token")
        const error = yield* Effect.flip(manager.get)
        assert.strictEqual(error.code, "TOKEN_RESPONSE_INVALID")
        assert.include(error.message, "its origin contains a part of the credential")
        assertNoSecrets(inspect(error, { depth: 8, showHidden: true }), [apiKey])
        assert.lengthOf(calls, 1)
      })
    )
  }

  it.effect("SEC-1: are not shown in the error of a connection if they contain a part of the key", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({
        script: ({ url }) => (url.endsWith("/metadata") ? new Response("{}") : Promise.reject(new Error("x"))),
        tokenRequest: { tries: 1 },
        provider: {
          tokenOrigins: [issuer],
          discoverTokenOrigins: async () => [`https://${apiKey}.evil.test`],
          requestToken: requestAt("/token")
        }
      })
      const error = yield* Effect.flip(manager.get)
      assert.include(error.message, "Could not reach the token endpoint https://unknown/.")
      assertNoSecrets(inspect(error, { depth: 8, showHidden: true }), [apiKey])
    })
  )

  it.effect("TOK-8, TOK-10: the requests of a discovery count in the budget and end with the deadline", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({
        script: respond,
        budget: { burst: 1 },
        provider: {
          tokenOrigins: [issuer],
          discoverTokenOrigins: async ({ fetch }) => {
            await fetch("/metadata")
            return [issuer]
          },
          requestToken: requestAt("/token")
        }
      })
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "TOKEN_REQUEST_LIMITED")

      const silent = yield* testManager({
        provider: { discoverTokenOrigins: () => new Promise(() => undefined), requestToken: requestAt("/token") }
      })
      const waiting = yield* Effect.forkChild(Effect.flip(silent.manager.get))
      yield* settled
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* Fiber.join(waiting)).code, "ISSUER_UNAVAILABLE")
    })
  )
})
