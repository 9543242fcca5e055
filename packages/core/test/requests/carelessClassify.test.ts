import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Verdict } from "../../src/index.ts"
import { status } from "../support/scriptedTransport.ts"
import { testClient } from "../support/testClient.ts"

describe("REQ-1: a 401 whose meaning the provider does not know", () => {
  for (const [what, classify] of [
    ["returns nothing", () => undefined],
    ["returns null", () => null],
    ["returns a promise", async () => ({ _tag: "TokenExpired" })],
    ["returns an unknown verdict", () => ({ _tag: "Gone" })],
    [
      "throws",
      () => {
        throw new Error("a bug")
      }
    ]
  ] as const) {
    it.effect(`renews the token all the same if classify ${what}, and is explained as a fault of the provider`, () =>
      Effect.gen(function* () {
        const { client, manager } = yield* testClient({
          apiScript: ({ authorization }) => (authorization === "Bearer token-1" ? status(401) : new Response("ok")),
          provider: { classify: classify as unknown as () => Verdict }
        })
        yield* manager.get
        const responses = yield* Effect.promise(() => Promise.all([client.fetch("/x"), client.fetch("/x")]))
        assert.deepStrictEqual(
          responses.map((response) => response.status),
          [200, 200]
        )
        assert.strictEqual(manager.peek()?.reveal(), "token-2")
        assert.strictEqual((yield* client.explain(status(401)))?.code, "CONFIG_INVALID")
      })
    )
  }
})
