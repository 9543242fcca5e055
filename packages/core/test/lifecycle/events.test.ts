import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { runInNewContext } from "node:vm"
import { notifyObserver } from "../../src/telemetry/notifyObserver.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { tokenResponse } from "../support/scriptedTransport.ts"
import { apiKey, testManager } from "../support/testManager.ts"
import { settled } from "../support/time.ts"
import { unhandledErrorsDuring } from "../support/unhandledErrors.ts"

describe("OBS-1: token events", () => {
  it.effect("report the reason of each renewal, in order, without a secret", () =>
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
      const rejection = yield* Effect.flip(manager.get)
      manager.retryKey()
      const last = yield* manager.get
      const retryAt = 90_000
      const background = false
      assert.strictEqual(rejection.retryAt, retryAt)
      assert.deepStrictEqual(events, [
        { type: "renewal-started", at: 0, reason: "first", background },
        { type: "issued", at: 0, tokenId: first.id, reason: "first", tookMillis: 0, waited: 1 },
        { type: "renewal-started", at: 60_000, reason: "expired", background },
        { type: "issued", at: 60_000, tokenId: second.id, reason: "expired", tookMillis: 0, waited: 1 },
        { type: "rejected", at: 60_000, tokenId: second.id, reason: "unknown", age: 0 },
        { type: "renewal-started", at: 60_000, reason: "rejected", background },
        { type: "key-rejected", at: 60_000, key: "api-key", retryAt },
        { type: "renewal-failed", at: 60_000, reason: "rejected", code: "API_KEY_REJECTED", background, waited: 1 },
        { type: "renewal-started", at: 60_000, reason: "rejected", background },
        { type: "issued", at: 60_000, tokenId: last.id, reason: "rejected", tookMillis: 0, waited: 1 }
      ])
      assertNoSecrets(JSON.stringify([events, manager.status()]), [apiKey, "secret-token"])
    })
  )

  it.effect("count the caller also of a renewal for which nothing takes time", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const [first, second] = [yield* testManager({ storage }), yield* testManager({ storage })]
      for (let renewals = 0; renewals < 3; renewals += 1) {
        yield* first.manager.get
        yield* second.manager.get
        for (const { manager } of [first, second]) yield* manager.reject(manager.peek()!)
      }
      assert.deepStrictEqual(
        second.eventsOf("adopted").map(({ waited }) => waited),
        [1, 1, 1]
      )
    })
  )

  it.effect("do no harm if the observer is an async function of another realm, and fails", () =>
    Effect.gen(function* () {
      const observer = runInNewContext("async () => { throw new Error('listener') }") as () => Promise<void>
      const unhandled = yield* unhandledErrorsDuring(
        Effect.andThen(
          Effect.sync(() => notifyObserver(observer)(undefined)),
          settled
        )
      )
      assert.deepStrictEqual(unhandled, [])
    })
  )

  it.effect("do no harm if the observer throws", () =>
    Effect.gen(function* () {
      const onTokenEvent = () => {
        throw new Error("listener")
      }
      const { manager, events } = yield* testManager({ onTokenEvent })
      const token = yield* manager.get
      yield* manager.reject(token)
      assert.strictEqual((yield* manager.get).reveal(), "token-2")
      assert.lengthOf(events, 5)
    })
  )
})
