import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { StorageFailure, TokenStorage } from "../../src/index.ts"
import { scriptedStorage, sharedStorage } from "../support/scriptedStorage.ts"
import { type Script, tokenResponse } from "../support/scriptedTransport.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { apiKey, testManager } from "../support/testManager.ts"
import { settled, until, untilIdle, whileTimePasses } from "../support/time.ts"

/** What an adapter without types may return. */
const results: ReadonlyArray<unknown> = [
  null,
  undefined,
  7,
  "text",
  [],
  {},
  { text: 7, fence: 1 },
  { text: "a", fence: "1" },
  { text: "a", fence: 1.5 },
  { _tag: "Lease", fence: 1 },
  { _tag: "Lease", fence: "1", release: Effect.void },
  { _tag: "Lease", fence: 1, release: () => undefined },
  { _tag: "LeaseTaken", owner: 7, fence: 1, left: 1 },
  { _tag: "LeaseTaken", owner: "a", fence: NaN, left: 1 },
  { _tag: "LeaseTaken", owner: "a", fence: 1, left: NaN },
  { _tag: "LeaseTaken", owner: "a", fence: 1, left: "1" }
]

const withWrong = (operation: "load" | "save" | "acquireLease" | "watch", result: unknown) => {
  const storage = sharedStorage()
  const service = TokenStorage.of({ ...storage.service, [operation]: () => result })
  return { ...storage, service }
}

describe("STO-2: an adapter that returns nonsense fails, with a typed error", () => {
  for (const operation of ["load", "save", "acquireLease"] as const) {
    it.effect(`${operation}: the client continues without the storage, or fails with STORAGE_FAILED`, () =>
      Effect.gen(function* () {
        const right = operation === "load" ? [undefined] : []
        const wrong = results.filter((result) => !right.includes(result as undefined))
        // An adapter may also return no effect at all.
        for (const returned of [
          undefined,
          7,
          Promise.resolve(true),
          ...wrong.map((result) => Effect.succeed(result))
        ]) {
          const { eventsOf, manager } = yield* testManager({ storage: withWrong(operation, returned) })
          assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-1")
          yield* whileTimePasses(untilIdle(manager))
          const [failed = assert.fail()] = eventsOf("storage-degraded")
          assert.deepStrictEqual(
            [failed.operation, failed.detail],
            [operation, "the adapter returned an invalid result"]
          )
        }
        if (operation === "save") return
        const storage = withWrong(operation, Effect.succeed(null))
        const strict = yield* testManager({ storage, storageFailure: "require" })
        const error = yield* Effect.flip(whileTimePasses(strict.manager.get))
        assert.deepStrictEqual(error.reason, { _tag: "StorageFailed", operation })
      })
    )
  }

  it.effect("watch: clients that wait for a lease poll instead", () =>
    Effect.gen(function* () {
      for (const returned of [undefined, Effect.succeed(7)]) {
        const storage = withWrong("watch", returned)
        const { calls, manager } = yield* testManager({ storage })
        yield* manager.reject(yield* manager.get)
        const [name = assert.fail()] = storage.records.keys()
        yield* storage.service.acquireLease!(name, { owner: "other", millis: 1_000 })
        assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-2")
        assert.lengthOf(calls, 2)
      }
    })
  )
})

describe("SEC-1: what an adapter says is shown on one line, and not at full length", () => {
  const escape = "\u001b[31mred\u001b[0m\nnext line"

  it.effect("the detail of a failure", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage({
        load: () => Effect.fail(new StorageFailure({ operation: "load", detail: `${escape}${"x".repeat(999)}` }))
      })
      const { eventsOf, manager } = yield* testManager({ storage })
      yield* whileTimePasses(manager.get)
      const [{ detail } = assert.fail()] = eventsOf("storage-degraded")
      assert.isTrue(detail.startsWith("[31mred [0m next linexxx"), detail)
      assert.isAtMost(detail.length, 200)
    })
  )

  it.effect("SEC-1: the owner of a lease and the detail of a failure, unless they repeat a part of a secret", () =>
    Effect.gen(function* () {
      const fail = (detail: string) => () => Effect.fail(new StorageFailure({ operation: "load", detail }))
      for (const text of [apiKey, `x ${apiKey.toUpperCase()}`, Buffer.from(apiKey).toString("base64")]) {
        const storage = sharedStorage()
        const taken = { _tag: "LeaseTaken", owner: text, fence: 7, left: 3_600_000 } as const
        const planted = { ...storage, service: { ...storage.service, acquireLease: () => Effect.succeed(taken) } }
        for (const used of [planted, scriptedStorage({ load: fail(text) })]) {
          const { events, manager } = yield* testManager({ storage: used })
          yield* whileTimePasses(manager.get)
          const strict = yield* testManager({ storage: used, storageFailure: "require" })
          const error = yield* Effect.flip(whileTimePasses(strict.manager.get))
          assert.include(error.message, "unknown")
          assertNoSecrets(JSON.stringify([events, error, strict.manager.status()]), [apiKey])
        }
      }
      const storage = sharedStorage()
      const { eventsOf, manager } = yield* testManager({ storage })
      const token = yield* manager.get
      yield* manager.reject(token)
      yield* storage.service.acquireLease!([...storage.records.keys()][0]!, { owner: apiKey, millis: 1_000 })
      const waiting = yield* Effect.forkChild(manager.get)
      yield* until("it waits", () => manager.status().lease.state === "waiting")
      assert.strictEqual(manager.status().lease.owner, "unknown")
      yield* whileTimePasses(Fiber.join(waiting))
      assert.strictEqual(eventsOf("lease-waited")[0]?.owner, "unknown")
    })
  )

  it.effect("SEC-1: the owner of a lease, unless it repeats a part of the token that was just rejected", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const script: Script = (_, index) => tokenResponse(`token-${index}-9c1f7a42`)
      const { eventsOf, manager } = yield* testManager({ storage, script })
      for (const owner of ["owner-1", "token-1-9c1f7", "TOKEN-2-9C1F7A42"]) {
        yield* manager.reject(yield* manager.get)
        yield* storage.service.acquireLease!([...storage.records.keys()][0]!, { owner, millis: 1_000 })
        yield* whileTimePasses(manager.get)
      }
      const owners = eventsOf("lease-waited").map(({ owner }) => owner)
      assert.deepStrictEqual(owners, ["owner-1", "unknown", "unknown"])
    })
  )

  it.effect("SEC-1: the owner of a lease, unless it is a key of another client of this process", () =>
    Effect.gen(function* () {
      const other = "sk-live-77aa88bb99cc00dd"
      yield* testManager({ source: other })
      const storage = sharedStorage()
      const { eventsOf, manager } = yield* testManager({ storage })
      yield* manager.reject(yield* manager.get)
      const [name = assert.fail()] = storage.records.keys()
      yield* storage.service.acquireLease!(name, { owner: `client ${other}`, millis: 1_000 })
      yield* whileTimePasses(manager.get)
      assert.strictEqual(eventsOf("lease-waited")[0]?.owner, "unknown")
    })
  )

  it.effect("the owner of a lease", () =>
    Effect.gen(function* () {
      const storage = sharedStorage()
      const { eventsOf, manager } = yield* testManager({ storage })
      yield* manager.reject(yield* manager.get)
      const [name = assert.fail()] = storage.records.keys()
      yield* storage.service.acquireLease!(name, { owner: escape, millis: 1_000 })
      const waiting = yield* Effect.forkChild(manager.get)
      yield* until("it waits", () => manager.status().lease.state === "waiting")
      assert.strictEqual(manager.status().lease.owner, "[31mred [0m next line")
      yield* whileTimePasses(Fiber.join(waiting))
      assert.strictEqual(eventsOf("lease-waited")[0]?.owner, "[31mred [0m next line")
    })
  )

  it.effect("the id of a stored token, which makes its record unreadable", () =>
    Effect.gen(function* () {
      for (const id of [escape, "a b", "", "x".repeat(65)]) {
        const token = { id, value: "token-stored", issuedAt: 0 }
        const storage = scriptedStorage({
          load: (name) => Effect.succeed({ text: JSON.stringify({ name, token }), fence: 1 })
        })
        const { manager, types } = yield* testManager({ storage })
        assert.strictEqual((yield* manager.get).reveal(), "token-1")
        assert.include(types(), "record-ignored")
      }
    })
  )
})

describe("RUN-2: dispose does not wait for a storage operation that cannot be interrupted", () => {
  for (const operation of ["load", "save", "acquireLease"] as const) {
    it.effect(operation, () =>
      Effect.gen(function* () {
        const storage = withWrong(operation, Effect.uninterruptible(Effect.never))
        const { dispose, manager } = yield* testManager({ storage })
        const calling = yield* Effect.forkChild(Effect.exit(manager.get))
        yield* settled
        const disposing = yield* Effect.forkChild(dispose)
        yield* settled
        yield* TestClock.adjust("4 seconds")
        yield* until("it is disposed", () => disposing.pollUnsafe() !== undefined)
        yield* Fiber.join(calling)
      })
    )
  }

  it.effect("nor for a source of the API key that cannot be interrupted", () =>
    Effect.gen(function* () {
      const { dispose, manager } = yield* testManager({ source: Effect.uninterruptible(Effect.never) })
      yield* Effect.forkChild(Effect.exit(manager.get))
      yield* settled
      const disposing = yield* Effect.forkChild(dispose)
      yield* settled
      yield* TestClock.adjust("4 seconds")
      yield* until("it is disposed", () => disposing.pollUnsafe() !== undefined)
    })
  )
})
