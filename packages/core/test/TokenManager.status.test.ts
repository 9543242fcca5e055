import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { StorageFailure } from "../src/index.ts"
import { dice } from "./support/dice.ts"
import { scriptedStorage } from "./support/scriptedStorage.ts"
import { lasting, type Script, status, tokenResponse } from "./support/scriptedTransport.ts"
import { testManager } from "./support/testManager.ts"
import { passing, resting, settled, until } from "./support/turns.ts"

const storage = { durable: true, shared: true, exclusive: false, watch: false, state: "ok" } as const
const lease = { state: "none" } as const
const exact = { jitter: 0 }

describe("OBS-2: the status", () => {
  it.effect("is empty before there is a token, and again when it has ended or was refused", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({ script: lasting(100_000) })
      assert.deepStrictEqual(manager.status(), { state: "empty", storage, lease })
      yield* manager.get
      yield* TestClock.adjust(100_000)
      assert.deepStrictEqual(manager.status(), { state: "empty", storage, lease })
      yield* manager.reject(yield* manager.get)
      assert.deepStrictEqual(manager.status(), { state: "empty", storage, lease })
    })
  )

  it.effect("is fresh with a token: its id, its age, its end and how that is known, and when it is renewed", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({ script: lasting(100_000), renewal: exact })
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

  it.effect("has neither end nor next renewal of a token whose life is unknown", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager()
      const { id } = yield* manager.get
      yield* TestClock.adjust("400 days")
      const token = { id, issuedAt: 0, age: 400 * 86_400_000, lifetimeSource: "unknown" } as const
      assert.deepStrictEqual(manager.status(), { state: "fresh", token, storage, lease })
    })
  )

  it.effect(
    "is renewing while a token is had, in the foreground without one, in the background with the good one",
    () =>
      Effect.gen(function* () {
        const { calls, manager } = yield* testManager({ script: () => undefined, renewal: exact })
        const caller = yield* Effect.forkChild(manager.get)
        yield* until("the call is sent", () => calls.length === 1)
        assert.deepStrictEqual(manager.status(), { state: "renewing", storage, lease })
        calls[0]!.answer(Response.json({ token: "token-1", lifetime: 100_000 }))
        const { id } = yield* Fiber.join(caller)
        yield* TestClock.adjust(80_000)
        manager.peek()
        yield* until("the next call is sent", () => calls.length === 2)
        assert.deepInclude(manager.status(), { state: "renewing", nextRenewalAt: 80_000 })
        assert.strictEqual(manager.status().token?.id, id)
        calls[1]!.answer(tokenResponse("token-2"))
        yield* until("it is renewed", () => manager.status().state === "fresh")
      })
  )

  it.effect("tells the last error until there is a success, and puts the next renewal off while it backs off", () =>
    Effect.gen(function* () {
      const script: Script = (call, index) => (index === 1 ? status(404) : lasting(100_000)(call, index))
      const { manager } = yield* testManager({ script, renewal: exact })
      yield* manager.get
      yield* TestClock.adjust(80_000)
      manager.peek()
      yield* resting(manager)
      const { lastError, nextRenewalAt, state } = manager.status()
      assert.deepStrictEqual([state, nextRenewalAt, lastError?.at], ["fresh", 81_000, 80_000])
      assert.strictEqual(lastError?.code, "ISSUE_RESPONSE_INVALID")
      yield* TestClock.adjust(1_000)
      manager.peek()
      yield* resting(manager)
      assert.isUndefined(manager.status().lastError)
      assert.strictEqual(manager.status().nextRenewalAt, 161_000)
    }).pipe(dice(1))
  )

  it.effect("is key-rejected with the error, until a token is there", () =>
    Effect.gen(function* () {
      const script: Script = (call, index) => (index === 0 ? status(401) : lasting(100_000)(call, index))
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

  it.effect("is degraded while the storage does not work", () =>
    Effect.gen(function* () {
      const broken = scriptedStorage()
      broken.becomes({ load: () => Effect.fail(new StorageFailure({ operation: "load", detail: "down" })) })
      broken.becomes({
        load: () => Effect.fail(new StorageFailure({ operation: "load", detail: "down" })),
        save: () => Effect.fail(new StorageFailure({ operation: "save", detail: "down" }))
      })
      const { manager } = yield* testManager({ storage: broken })
      yield* passing(manager.get)
      assert.deepInclude(manager.status(), { state: "degraded", storage: { ...storage, state: "degraded" } })
      assert.isDefined(manager.status().token)
    })
  )

  it.effect("RUN-2: is disposed after a dispose, without token or error", () =>
    Effect.gen(function* () {
      const { dispose, manager } = yield* testManager({ script: lasting(100_000) })
      yield* manager.get
      yield* dispose
      assert.deepStrictEqual(manager.status(), { state: "disposed", storage, lease })
      const failed = yield* testManager({ script: () => status(401) })
      yield* Effect.flip(failed.manager.get)
      yield* failed.dispose
      assert.strictEqual(failed.manager.status().state, "disposed")
    })
  )

  it.effect("asking for it never starts a renewal, however due one is", () =>
    Effect.gen(function* () {
      const { calls, manager, types } = yield* testManager({ script: lasting(100_000), renewal: exact })
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
