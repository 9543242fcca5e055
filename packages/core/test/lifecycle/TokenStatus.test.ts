import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { StorageFailure } from "../../src/index.ts"
import { fixedRandom } from "../support/fixedRandom.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { tokensWithLifetime, type Script, status, tokenResponse } from "../support/scriptedTransport.ts"
import { testManager } from "../support/testManager.ts"
import { whileTimePasses, untilIdle, settled, until } from "../support/time.ts"

const storage = { durable: true, shared: true, acquireLease: false, watch: false, state: "ok" } as const
const lease = { state: "none" } as const
const exact = { jitter: 0 }

describe("OBS-2: the status", () => {
  it.effect("is empty before there is a token, and again after it expired or was rejected", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({ script: tokensWithLifetime(100_000) })
      assert.deepStrictEqual(manager.status(), { state: "empty", storage, lease })
      yield* manager.get
      yield* TestClock.adjust(100_000)
      assert.deepStrictEqual(manager.status(), { state: "empty", storage, lease })
      yield* manager.reject(yield* manager.get)
      assert.deepStrictEqual(manager.status(), { state: "empty", storage, lease })
    })
  )

  it.effect("is fresh with a token: its id, age, expiry, lifetime source and next renewal", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({ script: tokensWithLifetime(100_000), renewal: exact })
      yield* TestClock.adjust(7_000)
      const { id } = yield* manager.get
      yield* TestClock.adjust(1_500)
      const token = { id, issuedAt: 7_000, age: 1_500, expiresAt: 107_000, lifetimeSource: "declared" } as const
      assert.deepStrictEqual(manager.status(), { state: "fresh", token, nextRenewalAt: 87_000, storage, lease })
      yield* TestClock.adjust(90_000)
      assert.deepStrictEqual(manager.status(), {
        state: "fresh",
        token: { ...token, age: 91_500 },
        nextRenewalAt: 87_000,
        storage,
        lease
      })
    })
  )

  it.effect("has neither expiry nor next renewal if the lifetime is unknown", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager()
      const { id } = yield* manager.get
      yield* TestClock.adjust("400 days")
      const token = { id, issuedAt: 0, age: 400 * 86_400_000, lifetimeSource: "unknown" } as const
      assert.deepStrictEqual(manager.status(), { state: "fresh", token, storage, lease })
    })
  )

  it.effect("is renewing during a renewal: without a token in the foreground, with it in the background", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* testManager({ script: () => undefined, renewal: exact })
      const caller = yield* Effect.forkChild(manager.get)
      yield* until("the token request is sent", () => calls.length === 1)
      assert.deepStrictEqual(manager.status(), { state: "renewing", storage, lease })
      calls[0]!.respond(Response.json({ token: "token-1", lifetime: 100_000 }))
      const { id } = yield* Fiber.join(caller)
      yield* TestClock.adjust(80_000)
      manager.peek()
      yield* until("the next token request is sent", () => calls.length === 2)
      assert.deepInclude(manager.status(), { state: "renewing", nextRenewalAt: 80_000 })
      assert.strictEqual(manager.status().token?.id, id)
      calls[1]!.respond(tokenResponse("token-2"))
      yield* until("the token is renewed", () => manager.status().state === "fresh")
    })
  )

  it.effect("shows the last error until a renewal succeeds, and delays the next renewal during the back-off", () =>
    Effect.gen(function* () {
      const script: Script = (call, index) => (index === 1 ? status(404) : tokensWithLifetime(100_000)(call, index))
      const { manager } = yield* testManager({ script, renewal: exact })
      yield* manager.get
      yield* TestClock.adjust(80_000)
      manager.peek()
      yield* untilIdle(manager)
      const { lastError, nextRenewalAt, state } = manager.status()
      assert.deepStrictEqual([state, nextRenewalAt, lastError?.at], ["fresh", 81_000, 80_000])
      assert.strictEqual(lastError?.code, "TOKEN_RESPONSE_INVALID")
      yield* TestClock.adjust(1_000)
      manager.peek()
      yield* untilIdle(manager)
      assert.isUndefined(manager.status().lastError)
      assert.strictEqual(manager.status().nextRenewalAt, 161_000)
    }).pipe(fixedRandom(1))
  )

  it.effect("is key-rejected with the error until there is a token", () =>
    Effect.gen(function* () {
      const script: Script = (call, index) => (index === 0 ? status(401) : tokensWithLifetime(100_000)(call, index))
      const { manager } = yield* testManager({ script })
      const { message } = yield* Effect.flip(manager.get)
      const lastError = { code: "API_KEY_REJECTED", message, at: 0 } as const
      assert.deepStrictEqual(manager.status(), { state: "key-rejected", lastError, storage, lease })
      yield* TestClock.adjust(30_000)
      assert.strictEqual(manager.status().state, "key-rejected")
      yield* manager.get
      assert.strictEqual(manager.status().state, "fresh")
      assert.isUndefined(manager.status().lastError)
    })
  )

  it.effect("is degraded while the storage fails", () =>
    Effect.gen(function* () {
      const broken = scriptedStorage()
      broken.override({ load: () => Effect.fail(new StorageFailure({ operation: "load", detail: "down" })) })
      broken.override({
        load: () => Effect.fail(new StorageFailure({ operation: "load", detail: "down" })),
        save: () => Effect.fail(new StorageFailure({ operation: "save", detail: "down" }))
      })
      const { manager } = yield* testManager({ storage: broken })
      yield* whileTimePasses(manager.get)
      assert.deepInclude(manager.status(), { state: "degraded", storage: { ...storage, state: "degraded" } })
      assert.isDefined(manager.status().token)
    })
  )

  it.effect("RUN-2: is disposed after dispose, without token or error", () =>
    Effect.gen(function* () {
      const { dispose, manager } = yield* testManager({ script: tokensWithLifetime(100_000) })
      yield* manager.get
      yield* dispose
      assert.deepStrictEqual(manager.status(), { state: "disposed", storage, lease })
      const failed = yield* testManager({ script: () => status(401) })
      yield* Effect.flip(failed.manager.get)
      yield* failed.dispose
      assert.strictEqual(failed.manager.status().state, "disposed")
    })
  )

  it.effect("never starts a renewal by being read", () =>
    Effect.gen(function* () {
      const { calls, manager, types } = yield* testManager({ script: tokensWithLifetime(100_000), renewal: exact })
      manager.status()
      yield* settled
      assert.lengthOf(calls, 0)
      yield* manager.get
      for (let age = 0; age < 200_000; age += 10_000) {
        manager.status()
        yield* settled
        yield* TestClock.adjust(10_000)
      }
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(types(), ["renewal-started", "issued"])
    })
  )
})
