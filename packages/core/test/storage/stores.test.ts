import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { StorageFailure, TokenStorage } from "../../src/index.ts"
import { scriptedStorage, sharedStorage } from "../support/scriptedStorage.ts"
import { testManager } from "../support/testManager.ts"
import { whileTimePasses, untilIdle, settled } from "../support/time.ts"
import { sharingClients, unbounded } from "../support/sharingClients.ts"

describe("STO-2: when the storage fails", () => {
  const down = () => Effect.fail(new StorageFailure({ operation: "load", detail: "down" }))

  /** A storage that works or fails, as the test decides. */
  const breakable = () => {
    const storage = sharedStorage()
    const inner = storage.service
    let isDown = false
    let asked = 0
    const orDown = <A>(operation: Effect.Effect<A, StorageFailure>) =>
      Effect.suspend(() => {
        asked += 1
        return isDown ? down() : operation
      })
    const service = TokenStorage.of({
      ...inner,
      load: (name) => orDown(inner.load(name)),
      save: (name, stored) => orDown(inner.save(name, stored)),
      acquireLease: (name, request) => orDown(inner.acquireLease!(name, request))
    })
    return {
      ...storage,
      service,
      /** How many operations it got. */
      asked: () => asked,
      goDown: () => {
        isDown = true
      },
      comeBack: () => {
        isDown = false
      }
    }
  }

  it.effect("for less than the grace, all clients wait, and none requests a token of its own", () =>
    Effect.gen(function* () {
      const storage = breakable()
      const { calls, clients } = yield* sharingClients(4, { storage })
      storage.goDown()
      const waiting = yield* Effect.forkChild(Effect.forEach(clients, ({ manager }) => manager.get, unbounded))
      yield* settled
      yield* TestClock.adjust(1_500)
      storage.comeBack()
      yield* whileTimePasses(Fiber.join(waiting))
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(
        clients.flatMap(({ types }) => types()).filter((type) => type.startsWith("storage")),
        []
      )
    })
  )

  it.effect("only when it is asked for the lease: that is tried again as well", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const { acquireLease } = storage.service
      let failing = 3
      const service = TokenStorage.of({
        ...storage.service,
        acquireLease: (name, request) =>
          Effect.suspend(() => {
            failing -= 1
            return failing >= 0
              ? Effect.fail(new StorageFailure({ operation: "acquireLease", detail: "down" }))
              : acquireLease!(name, request)
          })
      })
      const { manager, types } = yield* testManager({ storage: { ...storage, service } })
      yield* whileTimePasses(manager.get)
      assert.strictEqual(failing, -1)
      assert.notInclude(types(), "storage-degraded")
    })
  )

  it.effect("and keeps failing, a client asks it again after a pause, which grows from 1 s", () =>
    Effect.gen(function* () {
      const storage = breakable()
      const { manager } = yield* testManager({ storage })
      storage.goDown()
      const renewed = Effect.gen(function* () {
        const before = storage.asked()
        yield* manager.reject(yield* manager.get)
        yield* manager.get
        return storage.asked() > before
      })
      yield* whileTimePasses(manager.get)
      assert.isFalse(yield* renewed)
      yield* TestClock.adjust(1_001)
      assert.isTrue(yield* renewed)
      yield* TestClock.adjust(1_001)
      assert.isFalse(yield* renewed)
      yield* TestClock.adjust(1_001)
      assert.isTrue(yield* renewed)
    })
  )

  it.effect("for longer, all clients use the fallback, and share its lease and token", () =>
    Effect.gen(function* () {
      const storage = breakable()
      const fallback = sharedStorage()
      const { calls, clients } = yield* sharingClients(4, { storage, fallback })
      storage.goDown()
      const got = yield* whileTimePasses(Effect.forEach(clients, ({ manager }) => manager.get, unbounded))
      assert.lengthOf(calls, 1)
      assert.strictEqual(new Set(got.map(({ id }) => id)).size, 1)
      for (const { eventsOf, manager } of clients) {
        assert.lengthOf(eventsOf("storage-degraded"), 1)
        assert.strictEqual(manager.status().state, "degraded")
      }
    })
  )

  it.effect("and the fallback fails as well, each client requests its own token", () =>
    Effect.gen(function* () {
      const [storage, fallback] = [breakable(), breakable()]
      const { calls, clients } = yield* sharingClients(2, { storage, fallback })
      storage.goDown()
      fallback.goDown()
      const got = yield* whileTimePasses(Effect.forEach(clients, ({ manager }) => manager.get, unbounded))
      assert.deepStrictEqual(got.map((token) => token.reveal()).toSorted(), ["token-1", "token-2"])
      assert.lengthOf(calls, 2)
      assert.isAbove(fallback.asked(), 0)
    })
  )

  it.effect(
    "without a fallback, each client requests its own token, and probes end the degradation without a token request",
    () =>
      Effect.gen(function* () {
        const storage = breakable()
        const { calls, clients } = yield* sharingClients(4, { storage })
        storage.goDown()
        yield* whileTimePasses(Effect.forEach(clients, ({ manager }) => manager.get, unbounded))
        assert.lengthOf(calls, 4)
        // While it fails, probes cost no token request, no event and no caller's time.
        yield* TestClock.adjust("5 seconds")
        for (const { manager } of clients) assert.isDefined(manager.peek())
        yield* settled
        storage.comeBack()
        for (let step = 0; step < 40; step += 1) {
          yield* TestClock.adjust("1 second")
          for (const { manager } of clients) {
            assert.isDefined(manager.peek())
            yield* whileTimePasses(untilIdle(manager))
          }
        }
        assert.lengthOf(calls, 4)
        for (const { manager, eventsOf } of clients) {
          assert.lengthOf(eventsOf("storage-degraded"), 1)
          assert.lengthOf(eventsOf("storage-recovered"), 1)
          assert.strictEqual(manager.status().state, "fresh")
        }
      })
  )

  it.effect("required: a new token fails with STORAGE_FAILED after the grace, and the current one stays in use", () =>
    Effect.gen(function* () {
      const storage = breakable()
      const { calls, manager } = yield* testManager({ storage, storageFailure: "require" })
      const token = yield* manager.get
      storage.goDown()
      assert.strictEqual(yield* manager.get, token)
      yield* manager.reject(token)
      const error = yield* Effect.flip(whileTimePasses(manager.get))
      assert.deepStrictEqual(error.reason, { _tag: "StorageFailed", operation: "load" })
      assert.isTrue(error.retryable)
      assert.include(error.message, "down")
      assert.lengthOf(calls, 1)
      storage.comeBack()
      assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-2")
    })
  )

  it.effect("a failure that a retry cannot end is not retried: no caller waits for the grace", () =>
    Effect.gen(function* () {
      const readOnly = new StorageFailure({ operation: "load", detail: "read-only", retryable: false })
      let loads = 0
      const storage = scriptedStorage({
        load: () =>
          Effect.suspend(() => {
            loads += 1
            return Effect.fail(readOnly)
          })
      })
      const strict = yield* testManager({ storage, storageFailure: "require" })
      const error = yield* Effect.flip(strict.manager.get)
      assert.strictEqual(error.code, "STORAGE_FAILED")
      assert.include(error.message, "load: read-only")
      const { eventsOf, manager } = yield* testManager({ storage })
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.strictEqual(eventsOf("storage-degraded")[0]?.detail, "read-only")
      assert.strictEqual(loads, 2)
    })
  )

  it.effect(
    "required: a storage that others can write to is STORAGE_INSECURE at once; otherwise an event reports it",
    () =>
      Effect.gen(function* () {
        const insecure = new StorageFailure({ operation: "load", detail: "its mode is 0777", insecure: true })
        const storage = scriptedStorage({ load: () => Effect.fail(insecure) })
        const strict = yield* testManager({ storage, storageFailure: "require" })
        const error = yield* Effect.flip(strict.manager.get)
        assert.strictEqual(error.code, "STORAGE_INSECURE")
        assert.include(error.message, "0777")
        const { manager, eventsOf } = yield* testManager({ storage })
        assert.strictEqual((yield* manager.get).reveal(), "token-1")
        assert.strictEqual(eventsOf("storage-degraded")[0]?.detail, "its mode is 0777")
      })
  )
})
