import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { AccessToken, Credentials, Provider, TokenManager, TokenStorage, Transport } from "../../src/index.ts"
import { makeSendAuthorized } from "../../src/requests/sendAuthorized.ts"
import type { PreparedRequest } from "../../src/requests/preparedRequest.ts"
import { exampleProvider } from "../support/exampleProvider.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { scriptedTransport, status } from "../support/scriptedTransport.ts"
import { testClient } from "../support/testClient.ts"
import { apiKey } from "../support/testManager.ts"
import { settled } from "../support/time.ts"

describe("REQ-3: the Authorization header", () => {
  const token = AccessToken.make("token-1", { issuedAt: 0 })
  const elsewhere = [
    "https://elsewhere.test/x",
    "https://api.example.test.elsewhere.test/x",
    "https://api.example.test:8443/x",
    "http://api.example.test/x"
  ]

  it.effect("is set for the API's origin only, even if an earlier check accepted another URL", () =>
    Effect.gen(function* () {
      const transport = scriptedTransport(() => new Response("ok"))
      const ports = Layer.mergeAll(
        Layer.succeed(Provider, exampleProvider()),
        Layer.succeed(Transport, transport.service),
        Layer.succeed(TokenStorage, scriptedStorage().service),
        Layer.mock(TokenManager, {
          peek: () => token,
          cached: () => token,
          isDisposed: () => false,
          retryKey: () => undefined,
          status: () => assert.fail("not used")
        }),
        Credentials.layer(apiKey)
      )
      const { sendAuthorized: send } = yield* Effect.provide(
        makeSendAuthorized(
          new URL("https://api.example.test/"),
          { own: () => false, others: () => false },
          { redirects: "strip", replayBodyLimit: 0 }
        ),
        ports
      )
      for (const url of ["https://api.example.test/x", ...elsewhere]) {
        const request: PreparedRequest = {
          url,
          init: {},
          body: { _tag: "None" },
          signal: undefined,
          addToken: true,
          overrideAuthorization: false,
          followRedirects: true
        }
        yield* Effect.promise(() => send(request, (effect) => Effect.runPromise(effect)))
      }
      const [first, ...others] = transport.calls.map(({ authorization }) => authorization)
      assert.strictEqual(first, "Bearer token-1")
      assert.deepStrictEqual(new Set(others), new Set([undefined]))
      assert.lengthOf(others, elsewhere.length)
    })
  )
})

describe("KEY-1, REQ-3: an API and a token endpoint on different origins", () => {
  const provider = { tokenOrigins: ["https://login.example.test"] }

  it.effect("get the access token and the API key, each only its own", () =>
    Effect.gen(function* () {
      const { calls, client } = yield* testClient({ provider })
      yield* client.request("/x")
      assert.deepStrictEqual(
        calls.map(({ authorization, url }) => [url, authorization]),
        [
          ["https://login.example.test/token", `Bearer ${apiKey}`],
          ["https://api.example.test/x", "Bearer token-1"]
        ]
      )
    })
  )

  it.effect("are not mixed up: a request to the token endpoint's origin is not sent", () =>
    Effect.gen(function* () {
      const { calls, client } = yield* testClient({ provider })
      const error = yield* Effect.flip(client.request("https://login.example.test/x"))
      assert.strictEqual(error.code, "ORIGIN_NOT_ALLOWED")
      assert.lengthOf(calls, 0)
    })
  )
})

describe("REQ-6: the caller", () => {
  it.effect("REQ-2: gets the 401 for a stream, with a readable body", () =>
    Effect.gen(function* () {
      const { client, issued } = yield* testClient({ apiScript: () => new Response("no more", { status: 401 }) })
      const body = new Response("chunk").body
      const init: RequestInit & { readonly duplex: "half" } = { method: "POST", body, duplex: "half" }
      const response = yield* Effect.promise(() => client.fetch("/up", init))
      assert.deepStrictEqual([response.status, response.bodyUsed], [401, false])
      assert.strictEqual(yield* Effect.promise(() => response.text()), "no more")
      assert.lengthOf(issued, 2)
    })
  )

  it.effect("aborts before the call: there is no I/O, and the reason is the caller's own", () =>
    Effect.gen(function* () {
      let reads = 0
      const { calls, client } = yield* testClient({
        apiKey: () => {
          reads += 1
          return apiKey
        },
        apiScript: () => status(200)
      })
      const reason = new Error("never mind")
      const error = yield* Effect.promise(() =>
        client.fetch("/x", { signal: AbortSignal.abort(reason) }).then(
          () => "responded",
          (thrown: unknown) => thrown
        )
      )
      assert.strictEqual(error, reason)
      yield* settled
      assert.deepStrictEqual([reads, calls.length], [0, 0])
    })
  )
})
