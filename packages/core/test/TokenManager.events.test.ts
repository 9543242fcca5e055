import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { assertNoSecrets } from "../src/testing/index.ts"
import { tokenResponse } from "./support/scriptedTransport.ts"
import { apiKey, testManager } from "./support/testManager.ts"

describe("OBS-1, OBS-2: what an operator sees", () => {
  it.effect("the reason of every renewal, in order, without a secret", () =>
    Effect.gen(function* () {
      const script = (_: unknown, index: number) =>
        index === 2
          ? new Response("", { status: 401 })
          : tokenResponse(`secret-token-${index + 1}`, (index + 1) * 60_000)
      const { manager, events } = yield* testManager({ script })
      const first = yield* manager.get
      yield* TestClock.adjust("60 seconds")
      const second = yield* manager.get
      yield* manager.reject(second)
      yield* Effect.flip(manager.get)
      const last = yield* manager.get
      assert.deepStrictEqual(events, [
        { type: "issued", at: 0, tokenId: first.id, reason: "first", tookMillis: 0 },
        { type: "issued", at: 60_000, tokenId: second.id, reason: "expired", tookMillis: 0 },
        { type: "rejected", at: 60_000, tokenId: second.id },
        { type: "key-rejected", at: 60_000, reason: "rejected", code: "API_KEY_REJECTED" },
        { type: "issued", at: 60_000, tokenId: last.id, reason: "rejected", tookMillis: 0 }
      ])
      assertNoSecrets(JSON.stringify([events, manager.status()]), [apiKey, "secret-token"])
    })
  )

  it.effect("a listener that throws harms nobody", () =>
    Effect.gen(function* () {
      const onEvent = () => {
        throw new Error("listener")
      }
      const { manager, events } = yield* testManager({ onEvent })
      const token = yield* manager.get
      yield* manager.reject(token)
      assert.strictEqual((yield* manager.get).reveal(), "token-2")
      assert.lengthOf(events, 3)
    })
  )

  it.effect("the status from empty to disposed", () =>
    Effect.gen(function* () {
      const script = (_: unknown, index: number) =>
        index === 1 ? new Response("", { status: 401 }) : tokenResponse(`token-${index + 1}`, 90_000)
      const { manager, dispose } = yield* testManager({ script })
      const storage = { durable: true, shared: true, state: "ok" } as const
      assert.deepStrictEqual(manager.status(), { state: "empty", storage })
      const token = yield* manager.get
      yield* TestClock.adjust(1_500)
      const { id } = token
      const told = { id, issuedAt: 0, age: 1_500, expiresAt: 90_000, lifetimeSource: "declared" } as const
      assert.deepStrictEqual(manager.status(), { state: "fresh", token: told, storage })
      yield* manager.reject(token)
      const error = yield* Effect.flip(manager.get)
      const lastError = { code: "API_KEY_REJECTED", message: error.message, at: 1_500 } as const
      assert.deepStrictEqual(manager.status(), { state: "key-rejected", lastError, storage })
      yield* manager.get
      assert.strictEqual(manager.status().state, "fresh")
      assert.isUndefined(manager.status().lastError)
      yield* dispose
      assert.deepStrictEqual(manager.status(), { state: "disposed", storage })
    })
  )
})
