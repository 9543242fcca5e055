import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { AccessToken, Credentials, Provider, TokenManager, TokenStorage, Transport } from "../src/index.ts"
import { makeExchange } from "../src/internal/exchange.ts"
import type { Outgoing } from "../src/internal/outgoing.ts"
import { exampleProvider } from "./support/exampleProvider.ts"
import { scriptedStorage } from "./support/scriptedStorage.ts"
import { scriptedTransport, status } from "./support/scriptedTransport.ts"
import { testKeep } from "./support/testKeep.ts"
import { apiKey } from "./support/testManager.ts"
import { settled } from "./support/turns.ts"

describe("REQ-3: where the header is put on", () => {
  const outgoing = (url: string): Outgoing => ({
    url,
    init: {},
    body: { _tag: "None" },
    signal: undefined,
    attach: true,
    replaces: false,
    follows: true
  })
  const token = AccessToken.make("token-1", { issuedAt: 0 })
  const elsewhere = [
    "https://elsewhere.test/x",
    "https://api.example.test.elsewhere.test/x",
    "https://api.example.test:8443/x",
    "http://api.example.test/x"
  ]

  it.effect("the URL itself is looked at, whatever let the request come so far", () =>
    Effect.gen(function* () {
      const transport = scriptedTransport(() => new Response("ok"))
      const ports = Layer.mergeAll(
        Layer.succeed(Provider, exampleProvider()),
        Layer.succeed(Transport, transport.service),
        Layer.succeed(TokenStorage, scriptedStorage().service),
        Credentials.layer(apiKey)
      )
      const exchange = yield* Effect.provide(
        makeExchange(
          new URL("https://api.example.test/"),
          { own: () => false, others: () => false },
          { redirects: "strip", replayBodyLimit: 0 }
        ),
        Layer.provideMerge(TokenManager.layer(), ports)
      )
      for (const url of ["https://api.example.test/x", ...elsewhere]) {
        yield* Effect.promise(() => exchange.sendNow(outgoing(url), token))
      }
      const [first, ...others] = transport.calls.map(({ authorization }) => authorization)
      assert.strictEqual(first, "Bearer token-1")
      assert.deepStrictEqual(new Set(others), new Set([undefined]))
      assert.lengthOf(others, elsewhere.length)
    })
  )
})

describe("REQ-6: what the caller gets and gives up", () => {
  it.effect("REQ-2: the 401 for a stream, with its body to be read", () =>
    Effect.gen(function* () {
      const { client, issued } = yield* testKeep({ answering: () => new Response("no more", { status: 401 }) })
      const body = new Response("chunk").body
      const init: RequestInit & { readonly duplex: "half" } = { method: "POST", body, duplex: "half" }
      const response = yield* Effect.promise(() => client.fetch("/up", init))
      assert.deepStrictEqual([response.status, response.bodyUsed], [401, false])
      assert.strictEqual(yield* Effect.promise(() => response.text()), "no more")
      assert.lengthOf(issued, 2)
    })
  )

  it.effect("an abort before the call: nothing is asked of anybody, and the reason is the caller's own", () =>
    Effect.gen(function* () {
      let asked = 0
      const { calls, client } = yield* testKeep({
        apiKey: () => {
          asked += 1
          return apiKey
        },
        answering: () => status(200)
      })
      const reason = new Error("never mind")
      const error = yield* Effect.promise(() =>
        client.fetch("/x", { signal: AbortSignal.abort(reason) }).then(
          () => "answered",
          (thrown: unknown) => thrown
        )
      )
      assert.strictEqual(error, reason)
      yield* settled
      assert.deepStrictEqual([asked, calls.length], [0, 0])
    })
  )
})
