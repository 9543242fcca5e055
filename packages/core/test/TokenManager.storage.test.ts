import { spawn } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { StorageFailure, type StoredText, type TokenManager } from "../src/index.ts"
import { scriptedStorage } from "./support/scriptedStorage.ts"
import { tokenResponse } from "./support/scriptedTransport.ts"
import { apiKey, testManager } from "./support/testManager.ts"
import { passing, resting, settled, until } from "./support/turns.ts"

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

describe("STO-2: a storage fault degrades, never fails", () => {
  for (const [how, operations] of Object.entries(faults)) {
    it.effect(
      `a storage that ${how}: it is tried for two seconds, then memory serves; one event says so, and one that it works again`,
      () =>
        Effect.gen(function* () {
          const storage = scriptedStorage()
          storage.becomes(operations)
          const { manager, events, calls } = yield* testManager({ storage })
          const waiting = yield* Effect.forkChild(manager.get)
          yield* until("the storage is asked", () => storage.asked.length > 0)
          const first = yield* passing(Fiber.join(waiting))
          const degradedAt = events.find(({ type }) => type === "storage-degraded")?.at
          assert.isAtLeast(degradedAt!, 2_000)
          assert.isAtMost(degradedAt!, 2_200)
          assert.strictEqual(manager.status().state, "degraded")
          assert.strictEqual(manager.status().storage.state, "degraded")
          assert.strictEqual(yield* manager.get, first)
          // From now on it is known to fail, and nobody waits for it.
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
                detail: how === "fails" ? "down" : "the adapter threw"
              }
            ]
          )
          // Nor for the look whether it still does, which comes a second later.
          yield* TestClock.adjust("1 second")
          const asked = storage.asked.length
          yield* manager.reject(second)
          const looking = yield* Effect.forkChild(manager.get)
          yield* until("there is a token", () => looking.pollUnsafe() !== undefined)
          assert.strictEqual(storage.asked.length, asked + 1)
          storage.becomes({})
          yield* TestClock.adjust("2 seconds")
          yield* manager.reject(yield* Fiber.join(looking))
          const third = yield* manager.get
          assert.strictEqual(third.reveal(), "token-4")
          assert.include(storage.record().text, third.id)
          assert.strictEqual(events.filter(({ type }) => type.startsWith("storage")).at(-1)?.type, "storage-recovered")
          assert.strictEqual(manager.status().state, "fresh")
        })
    )

    it.effect(`a storage whose save ${how}: the token that was issued is given out at once all the same`, () =>
      Effect.gen(function* () {
        const storage = scriptedStorage()
        storage.becomes({ save: operations.save })
        const { manager, events } = yield* testManager({ storage })
        assert.strictEqual((yield* manager.get).reveal(), "token-1")
        yield* passing(resting(manager))
        assert.deepInclude(events.at(-1), { type: "storage-degraded", operation: "save" })
      })
    )
  }

  it.effect(
    "a storage that hangs holds a caller up for twice its time when it may have to connect, then for nothing",
    () =>
      Effect.gen(function* () {
        const storage = scriptedStorage()
        storage.becomes({ load: () => Effect.never, save: () => Effect.never })
        const { manager, events, calls } = yield* testManager({ storage })
        const waiting = yield* Effect.forkChild(manager.get)
        yield* until("the storage is asked", () => storage.asked.length === 1)
        yield* settled
        yield* TestClock.adjust(1_999)
        yield* settled
        assert.lengthOf(calls, 0)
        yield* TestClock.adjust(1)
        assert.strictEqual((yield* Fiber.join(waiting)).reveal(), "token-1")
        const detail = "no answer within 2000 ms"
        assert.deepStrictEqual(events, [
          { type: "renewal-started", at: 0, reason: "first", background: false },
          { type: "storage-degraded", at: 2_000, operation: "load", detail },
          { type: "issued", at: 2_000, tokenId: manager.peek()!.id, reason: "first", tookMillis: 0, waited: 1 }
        ])
      })
  )

  it.effect("one that hangs after it worked has one second an operation, and is tried for two", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const { manager, events } = yield* testManager({ storage })
      const token = yield* manager.get
      storage.becomes({ load: () => Effect.never, save: () => Effect.never })
      yield* manager.reject(token)
      const waiting = yield* Effect.forkChild(manager.get)
      yield* until("the storage is asked again", () => storage.asked.length === 3)
      yield* passing(Fiber.join(waiting))
      const { at } = events.find(({ type }) => type === "storage-degraded")!
      assert.isAtLeast(at, 2_000)
      assert.isAtMost(at, 2_200)
      assert.strictEqual(storage.asked.filter((operation) => operation === "load").length, 3)
    })
  )

  it.live(
    "an answer that came while the event loop stood still counts, although the deadline fires before it is read",
    () =>
      Effect.gen(function* () {
        const storage = scriptedStorage()
        // Another process answers meanwhile; the event loop deals with timers before it hears of that.
        storage.becomes({
          load: () =>
            Effect.callback<undefined>(
              (resume) => void spawn("sleep", ["0.2"]).once("exit", () => resume(Effect.undefined))
            )
        })
        const { manager, types } = yield* testManager({ storage, storageTimeout: 50 })
        const waiting = yield* Effect.forkChild(manager.get)
        yield* until("the storage is asked", () => storage.asked.length > 0)
        yield* Effect.sleep(20)
        const standsStill = performance.now() + 600
        while (performance.now() < standsStill);
        yield* Fiber.join(waiting)
        assert.notInclude(types(), "storage-degraded")
      })
  )

  it.effect("a record that is not one of ours counts as absent", () =>
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
        storage.becomes({
          load: (name) => Effect.succeed<StoredText>({ text: text.replace('"NAME"', JSON.stringify(name)), fence: 1 })
        })
        const { manager, types } = yield* testManager({ storage })
        assert.strictEqual((yield* manager.get).reveal(), "token-1", text)
        assert.deepStrictEqual(types(), ["renewal-started", "record-ignored", "issued"], text)
      }
    })
  )
})

describe("STO-1: adoption", () => {
  it.effect("a stored token that is good is adopted whole, without an issue call and without a save", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const before = yield* testManager({ storage, script: () => tokenResponse("token-1", 60_000) })
      const token = yield* before.manager.get
      const after = yield* testManager({ storage })
      yield* TestClock.adjust(10_000)
      storage.asked.length = 0
      const adopted = yield* after.manager.get
      for (const field of ["id", "issuedAt", "expiresAt", "lifetimeSource"] as const) {
        assert.strictEqual(adopted[field], token[field])
      }
      assert.strictEqual(adopted.reveal(), "token-1")
      assert.lengthOf(after.calls, 0)
      assert.deepStrictEqual(storage.asked, ["load"])
      assert.deepStrictEqual(after.events, [
        { type: "renewal-started", at: 10_000, reason: "first", background: false },
        { type: "adopted", at: 10_000, tokenId: token.id, reason: "first", waited: 1 }
      ])
    })
  )

  it.effect("one that is expired is not", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const before = yield* testManager({ storage, script: () => tokenResponse("token-1", 60_000) })
      yield* before.manager.get
      yield* TestClock.adjust(60_000)
      const after = yield* testManager({ storage, script: () => tokenResponse("token-2") })
      assert.strictEqual((yield* after.manager.get).reveal(), "token-2")
      assert.lengthOf(after.calls, 1)
    })
  )

  it.effect("the fence grows with every save, also while the clock stands still or goes back", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust(5_000)
      const storage = scriptedStorage()
      const one = yield* testManager({ storage })
      const two = yield* testManager({ storage, script: (_, index) => tokenResponse(`other-${index}`) })
      const fences: Array<number> = []
      storage.becomes({
        save: (name, stored) =>
          Effect.sync(() => {
            fences.push(stored.fence)
            return storage.records.set(name, stored).size > 0
          })
      })
      const renewed = (manager: TokenManager["Service"]) =>
        Effect.andThen(Effect.flatMap(manager.get, manager.reject), manager.get)
      for (const { manager } of [one, two, one, two, two]) yield* renewed(manager)
      yield* TestClock.setTime(1_000)
      for (const { manager } of [one, two, one, two, two]) yield* renewed(manager)
      assert.strictEqual(fences[0], 5_000)
      assert.isAbove(fences.length, 5)
      assert.deepStrictEqual(
        fences,
        Array.from(new Set(fences)).toSorted((a, b) => a - b)
      )
    })
  )
})

describe("KEY-4: no mixing", () => {
  it.effect("a record's name differs by key, host, path and provider, tells nothing about the key, and is stable", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const clients = [
        {},
        { source: `${apiKey}x` },
        { provider: { baseUrl: "https://other.example.test" } },
        { provider: { baseUrl: "https://api.example.test:8443" } },
        { provider: { baseUrl: "https://api.example.test/tenant" } },
        { provider: { name: "other" } }
      ]
      for (const [index, client] of clients.entries()) {
        const { manager, calls } = yield* testManager({
          ...client,
          storage,
          script: () => tokenResponse(`token-${index}`)
        })
        assert.strictEqual((yield* manager.get).reveal(), `token-${index}`)
        assert.lengthOf(calls, 1)
        assert.strictEqual(storage.records.size, index + 1)
      }
      for (const name of storage.records.keys()) assert.match(name, /^tokenkeep-1-[0-9a-f]{64}$/)
      for (const [index, client] of clients.entries()) {
        const { manager, calls } = yield* testManager({ ...client, storage })
        assert.strictEqual((yield* manager.get).reveal(), `token-${index}`)
        assert.lengthOf(calls, 0)
      }
    })
  )

  it.effect("a base URL is one, however it is written", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      for (const baseUrl of [
        "https://api.example.test",
        "HTTPS://API.example.test:443/",
        "https://api.example.test/a/.."
      ]) {
        const { manager } = yield* testManager({ storage, provider: { baseUrl } })
        yield* manager.get
      }
      assert.strictEqual(storage.records.size, 1)
    })
  )
})
