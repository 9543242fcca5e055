import { spawn } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { StorageFailure, type StoredRecord } from "../../src/index.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { testManager } from "../support/testManager.ts"
import { whileTimePasses, untilIdle, settled, until } from "../support/time.ts"

const failure = (operation: "load" | "save") => Effect.fail(new StorageFailure({ operation, detail: "down" }))

const faults = {
  fails: { load: () => failure("load"), save: () => failure("save") },
  dies: { load: () => Effect.die(new Error("bug")), save: () => Effect.die(new Error("bug")) },
  throws: {
    load: () => {
      throw new Error("bug")
    },
    save: () => {
      throw new Error("bug")
    }
  }
}

describe("STO-2: a failing storage degrades, and fails no request", () => {
  for (const [outcome, operations] of Object.entries(faults)) {
    it.effect(
      `a storage that ${outcome}: it is tried for two seconds, then the client continues without it; events report both the failure and the recovery`,
      () =>
        Effect.gen(function* () {
          const storage = scriptedStorage()
          storage.override(operations)
          const { manager, events, calls } = yield* testManager({ storage })
          const waiting = yield* Effect.forkChild(manager.get)
          yield* until("the storage is called", () => storage.operations.length > 0)
          const first = yield* whileTimePasses(Fiber.join(waiting))
          const degradedAt = events.find(({ type }) => type === "storage-degraded")?.at
          assert.isAtLeast(degradedAt!, 2_000)
          assert.isAtMost(degradedAt!, 2_200)
          assert.strictEqual(manager.status().state, "degraded")
          assert.strictEqual(manager.status().storage.state, "degraded")
          assert.strictEqual(yield* manager.get, first)
          // The storage is known to fail now, so no caller waits for it.
          yield* manager.reject(first)
          const second = yield* manager.get
          assert.lengthOf(calls, 2)
          assert.deepStrictEqual(
            events.filter(({ type }) => type.startsWith("storage")),
            [
              {
                type: "storage-degraded",
                at: degradedAt!,
                operation: "load",
                detail: outcome === "fails" ? "down" : "the adapter threw"
              }
            ]
          )
          // The next check of the storage, a second later, does not delay a caller either.
          yield* TestClock.adjust("1 second")
          const before = storage.operations.length
          yield* manager.reject(second)
          const next = yield* Effect.forkChild(manager.get)
          yield* until("there is a token", () => next.pollUnsafe() !== undefined)
          assert.strictEqual(storage.operations.length, before + 1)
          storage.override({})
          yield* TestClock.adjust("2 seconds")
          yield* manager.reject(yield* Fiber.join(next))
          const third = yield* manager.get
          assert.strictEqual(third.reveal(), "token-4")
          assert.include(storage.record().text, third.id)
          assert.strictEqual(events.filter(({ type }) => type.startsWith("storage")).at(-1)?.type, "storage-recovered")
          assert.strictEqual(manager.status().state, "fresh")
        })
    )

    it.effect(`a storage whose save ${outcome}: callers get the new token at once all the same`, () =>
      Effect.gen(function* () {
        const storage = scriptedStorage()
        storage.override({ save: operations.save })
        const { manager, events } = yield* testManager({ storage })
        assert.strictEqual((yield* manager.get).reveal(), "token-1")
        yield* whileTimePasses(untilIdle(manager))
        assert.deepInclude(events.at(-1), { type: "storage-degraded", operation: "save" })
      })
    )
  }

  it.effect("a storage that hangs delays a caller by twice its timeout before its first success, then not at all", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      storage.override({ load: () => Effect.never, save: () => Effect.never })
      const { manager, events, calls } = yield* testManager({ storage })
      const waiting = yield* Effect.forkChild(manager.get)
      yield* until("the storage is called", () => storage.operations.length === 1)
      yield* settled
      yield* TestClock.adjust(1_999)
      yield* settled
      assert.lengthOf(calls, 0)
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* Fiber.join(waiting)).reveal(), "token-1")
      const detail = "no response within 2000 ms"
      assert.deepStrictEqual(events, [
        { type: "renewal-started", at: 0, reason: "first", background: false },
        { type: "storage-degraded", at: 2_000, operation: "load", detail },
        { type: "issued", at: 2_000, tokenId: manager.peek()!.id, reason: "first", tookMillis: 0, waited: 1 }
      ])
    })
  )

  it.effect("a storage that hangs after a success has one second per operation, and is tried for two seconds", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const { manager, events } = yield* testManager({ storage })
      const token = yield* manager.get
      storage.override({ load: () => Effect.never, save: () => Effect.never })
      yield* manager.reject(token)
      const waiting = yield* Effect.forkChild(manager.get)
      yield* until("the storage is called again", () => storage.operations.length === 3)
      yield* whileTimePasses(Fiber.join(waiting))
      const { at } = events.find(({ type }) => type === "storage-degraded")!
      assert.isAtLeast(at, 2_000)
      assert.isAtMost(at, 2_200)
      assert.strictEqual(storage.operations.filter((operation) => operation === "load").length, 3)
    })
  )

  it.live(
    "a response that arrived while the event loop was blocked counts, although the timer fires before it is read",
    () =>
      Effect.gen(function* () {
        const storage = scriptedStorage()
        // Another process responds meanwhile; the event loop runs timers before it reads the response.
        storage.override({
          load: () =>
            Effect.callback<undefined>(
              (resume) => void spawn("sleep", ["0.2"]).once("exit", () => resume(Effect.undefined))
            )
        })
        const { manager, types } = yield* testManager({ storage, storageTimeout: 50 })
        const waiting = yield* Effect.forkChild(manager.get)
        yield* until("the storage is called", () => storage.operations.length > 0)
        yield* Effect.sleep(20)
        const frozenUntil = performance.now() + 600
        while (performance.now() < frozenUntil);
        yield* Fiber.join(waiting)
        assert.notInclude(types(), "storage-degraded")
      })
  )

  it.effect("a record in another format counts as absent", () =>
    Effect.gen(function* () {
      const good = { id: "7f3a", value: "token-stored", issuedAt: 0 }
      const of = (token: unknown, name: unknown = "NAME") => JSON.stringify({ name, token })
      const texts = [
        "",
        "null",
        "42",
        '"text"',
        "[]",
        "{}",
        '{"id":',
        of(good).slice(0, -1),
        of(good, "another"),
        of(good, null),
        JSON.stringify(good),
        ...[
          { ...good, id: 7 },
          { ...good, value: undefined },
          { ...good, value: "two words" },
          { ...good, value: "" },
          { ...good, issuedAt: "0" },
          { ...good, expiresAt: null },
          { ...good, expiresAt: "60000" }
        ].map((token) => of(token))
      ]
      for (const text of texts) {
        const storage = scriptedStorage()
        storage.override({
          load: (name) => Effect.succeed<StoredRecord>({ text: text.replace('"NAME"', JSON.stringify(name)), fence: 1 })
        })
        const { manager, types } = yield* testManager({ storage })
        assert.strictEqual((yield* manager.get).reveal(), "token-1", text)
        assert.deepStrictEqual(types(), ["renewal-started", "record-ignored", "issued"], text)
      }
    })
  )
})
