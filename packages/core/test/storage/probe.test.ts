import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { StorageFailure } from "../../src/index.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { testManager, type TestManagerOptions } from "../support/testManager.ts"
import { whileTimePasses, untilIdle, settled } from "../support/time.ts"

const down = () => Effect.fail(new StorageFailure({ operation: "load", detail: "down" }))

/** A client with a token, whose storage failed while the token was fetched, 1 s before its next check. */
const degradedClient = Effect.fnUntraced(function* (options: TestManagerOptions = {}) {
  const storage = scriptedStorage({ load: down })
  const client = yield* testManager({ storage, ...options })
  yield* whileTimePasses(client.manager.get)
  yield* whileTimePasses(untilIdle(client.manager))
  assert.strictEqual(client.manager.status().state, "degraded")
  storage.calls.splice(0)
  return { ...client, storage }
})

describe("STO-2: while the storage is degraded, requests on the cached token check it in the background", () => {
  it.effect("no check without a request, nor within the first second after the failure", () =>
    Effect.gen(function* () {
      const { manager, storage } = yield* degradedClient()
      assert.isDefined(manager.peek())
      yield* settled
      assert.deepStrictEqual(storage.calls, [])
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(storage.calls, [])
      assert.isDefined(manager.peek())
      assert.lengthOf(storage.calls, 1)
    })
  )

  it.effect(
    "a check loads the record, then saves and removes another one; the token is not saved, none is adopted",
    () =>
      Effect.gen(function* () {
        const { calls, eventsOf, events, manager, storage } = yield* degradedClient()
        storage.override({})
        const token = manager.peek()
        yield* TestClock.adjust("5 seconds")
        events.splice(0)
        assert.strictEqual(manager.peek(), token)
        yield* settled
        const [name] = storage.calls.map((call) => call.name)
        assert.deepStrictEqual(storage.calls, [
          { operation: "load", name },
          { operation: "save", name: `${name}-probe` },
          { operation: "remove", name: `${name}-probe` }
        ])
        assert.deepStrictEqual(
          [...storage.records.keys()].filter((saved) => saved.endsWith("-probe")),
          []
        )
        assert.lengthOf(eventsOf("storage-recovered"), 1)
        assert.lengthOf(events, 1)
        assert.strictEqual(manager.status().state, "fresh")
        assert.strictEqual(manager.peek(), token)
        assert.lengthOf(calls, 1)
        yield* TestClock.adjust("10 minutes")
        manager.peek()
        assert.lengthOf(storage.calls, 3)
      })
  )

  for (const operation of ["load", "save", "remove"] as const) {
    it.effect(`if ${operation} fails, the storage stays degraded without another event`, () =>
      Effect.gen(function* () {
        const { events, manager, storage } = yield* degradedClient()
        storage.override({ [operation]: down })
        events.splice(0)
        yield* TestClock.adjust("5 seconds")
        manager.peek()
        yield* settled
        assert.strictEqual(storage.calls.at(-1)?.operation, operation)
        assert.strictEqual(manager.status().storage.state, "degraded")
        assert.deepStrictEqual(events, [])
      })
    )
  }

  it.effect("checks that fail back off: 1 s, 2 s, 4 s, and so on up to 30 s", () =>
    Effect.gen(function* () {
      const { manager, storage } = yield* degradedClient()
      const checkedAt: Array<number> = []
      for (let second = 0; second < 150; second += 1) {
        yield* TestClock.adjust("1 second")
        const before = storage.calls.length
        manager.peek()
        yield* settled
        if (storage.calls.length > before) checkedAt.push(second)
      }
      const pauses = checkedAt.slice(1).map((at, index) => at - checkedAt[index]!)
      assert.deepStrictEqual(pauses, [2, 4, 8, 16, 30, 30, 30])
    })
  )

  it.effect("there is one check at a time, none beside a renewal, and dispose ends it", () =>
    Effect.gen(function* () {
      let loading = 0
      const hanging = Effect.suspend(() => {
        loading += 1
        return Effect.ensuring(
          Effect.never,
          Effect.sync(() => {
            loading -= 1
          })
        )
      })
      const { dispose, manager, storage } = yield* degradedClient({ storageTimeout: "1 minute" })
      yield* TestClock.adjust("1 minute")
      let loads = 0
      // The check hangs; the loads of the renewals after it fail at once.
      storage.override({ load: () => ((loads += 1) === 1 ? hanging : down()) })
      const token = manager.peek()
      assert.strictEqual(loading, 1)
      yield* manager.reject(token!)
      yield* manager.get
      yield* untilIdle(manager)
      storage.override({ load: () => hanging })
      yield* TestClock.adjust("10 seconds")
      manager.peek()
      yield* settled
      assert.strictEqual(loading, 1)
      yield* dispose
      assert.strictEqual(loading, 0)
    })
  )
})
