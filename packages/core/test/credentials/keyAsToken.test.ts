import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { inspect } from "node:util"
import type { StoredRecord } from "../../src/index.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { status, tokenResponse } from "../support/scriptedTransport.ts"
import { testClient } from "../support/testClient.ts"
import { apiKey, testManager } from "../support/testManager.ts"

const next = "sk-live-9b7e6f50c2d14838"

describe("KEY-1: an API key is never used as an access token", () => {
  for (const [what, token] of [
    ["is the API key", apiKey],
    ["contains the API key", `v1.${apiKey}.signature`],
    ["contains the API key, percent-encoded", `v1.${apiKey.replaceAll("-", "%2D")}`],
    ["is the API key in upper case", apiKey.toUpperCase()],
    ["contains the API key in hexadecimal digits", `v1.${Buffer.from(apiKey).toString("hex")}`],
    ...["", "x", "xx"].map((before) => {
      const payload = Buffer.from(`{"${before}":"${apiKey}"}`).toString("base64url")
      return [`contains the API key in base64, after ${2 + before.length} bytes`, `v1.${payload}.x`] as const
    })
  ] as const) {
    it.effect(`a token that ${what} is TOKEN_RESPONSE_INVALID, and is neither sent nor stored`, () =>
      Effect.gen(function* () {
        const storage = scriptedStorage()
        const { client, sent } = yield* testClient({ storage, tokenScript: () => tokenResponse(token) })
        const error = yield* Effect.flip(client.request("/x"))
        assert.strictEqual(error.code, "TOKEN_RESPONSE_INVALID")
        assert.include(error.message, "API key")
        assertNoSecrets(inspect(error, { depth: 8, showHidden: true }), [apiKey])
        assert.lengthOf(sent, 0)
        assert.strictEqual(storage.records.size, 0)
      })
    )
  }

  it.effect("a token may contain most of the API key, such as the name of a tenant that both contain", () =>
    Effect.gen(function* () {
      const source = "acme-production-2f6c1d8e"
      const payload = Buffer.from('{"tenant":"acme-production-2f6c1d8"}').toString("base64url")
      for (const token of [
        "ACME-PRODUCTION-2F6C1D8",
        `v1.${payload}.x`,
        Buffer.from(source).toString("hex").slice(2)
      ]) {
        const { manager } = yield* testManager({ source, script: () => tokenResponse(token) })
        assert.strictEqual((yield* manager.get).reveal(), token)
      }
    })
  )

  it.effect("a short key counts only if it is the token, as a token may contain it by chance", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({ source: "key-7", script: () => tokenResponse("monkey-77") })
      assert.strictEqual((yield* manager.get).reveal(), "monkey-77")
      const whole = yield* testManager({ source: "key-7", script: () => tokenResponse("key-7") })
      assert.strictEqual((yield* Effect.flip(whole.manager.get)).code, "TOKEN_RESPONSE_INVALID")
    })
  )

  it.effect("a key that this client used before counts as well", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({
        source: [apiKey, next],
        script: ({ authorization }) => (authorization?.includes(next) ? tokenResponse(apiKey) : status(401))
      })
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "TOKEN_RESPONSE_INVALID")
    })
  )

  it.effect("a key of another client of this process counts as well", () =>
    Effect.gen(function* () {
      yield* (yield* testManager({ source: next })).manager.get
      const { manager } = yield* testManager({ script: () => tokenResponse(next) })
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "TOKEN_RESPONSE_INVALID")
    })
  )

  it.effect("STO-3: a stored token that contains the API key is reported, ignored and replaced", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const token = { id: "7f3a", value: `v1.${apiKey}`, issuedAt: 0 }
      storage.override({
        load: (name) => Effect.succeed<StoredRecord>({ text: JSON.stringify({ name, token }), fence: 1 })
      })
      const { events, manager } = yield* testManager({ storage })
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.deepInclude(events[1], { type: "record-ignored", why: "unreadable" })
    })
  )
})
