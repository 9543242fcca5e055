import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { AccessToken } from "../../src/index.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { tokenResponse } from "../support/scriptedTransport.ts"
import { testManager } from "../support/testManager.ts"
import { settled, until } from "../support/time.ts"

const together = <A, E>(count: number, effect: Effect.Effect<A, E>) =>
  Effect.all(
    Array.from({ length: count }, () => effect),
    { concurrency: "unbounded" }
  )

describe("TOK-1: a cached token", () => {
  it.effect("is returned without waiting, without a request and without the storage", () =>
    Effect.gen(function* () {
      const { manager, calls, storage } = yield* testManager()
      assert.isUndefined(manager.peek())
      const token = yield* manager.get
      assert.deepStrictEqual(storage.operations, ["load", "save"])
      for (let hits = 0; hits < 100; hits += 1) {
        assert.strictEqual(manager.peek(), token)
        // A result without a turn of the event loop is a result without waiting.
        const got = yield* Effect.forkChild(manager.get, { startImmediately: true })
        assert.deepStrictEqual(got.pollUnsafe(), Exit.succeed(token))
      }
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(storage.operations, ["load", "save"])
    })
  )

  it.effect("is not fetched in advance: there is no I/O before the first use", () =>
    Effect.gen(function* () {
      const { calls, storage, manager } = yield* testManager({ source: () => assert.fail("The key was read.") })
      yield* settled
      assert.deepStrictEqual([calls.length, storage.operations.length, manager.status().state], [0, 0, "empty"])
    })
  )
})

describe("TOK-2: concurrent callers", () => {
  it.effect("a thousand share one token request and one token", () =>
    Effect.gen(function* () {
      const { manager, calls, storage } = yield* testManager()
      const got = yield* together(1_000, manager.get)
      assert.strictEqual(new Set(got).size, 1)
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(storage.operations, ["load", "save"])
    })
  )

  it.effect("share one token request after each expiry and each rejection as well", () =>
    Effect.gen(function* () {
      const script = (_: unknown, index: number) => tokenResponse(`token-${index + 1}`, (index + 1) * 60_000)
      const { manager, calls } = yield* testManager({ script })
      yield* manager.get
      yield* TestClock.adjust("60 seconds")
      const [second] = yield* together(100, manager.get)
      assert.lengthOf(calls, 2)
      yield* together(100, manager.reject(second!))
      yield* together(100, manager.get)
      assert.lengthOf(calls, 3)
    })
  )

  it.effect("a caller that arrives during the token request joins it", () =>
    Effect.gen(function* () {
      const { manager, calls } = yield* testManager({ script: () => undefined })
      const first = yield* Effect.forkChild(manager.get)
      yield* until("the token request is sent", () => calls.length === 1)
      const second = yield* Effect.forkChild(manager.get)
      yield* settled
      assert.strictEqual(manager.status().state, "renewing")
      calls[0]!.respond(tokenResponse("token-1"))
      assert.strictEqual(yield* Fiber.join(first), yield* Fiber.join(second))
      assert.lengthOf(calls, 1)
    })
  )
})

describe("a declared lifetime", () => {
  it.effect("ends on the exact millisecond, on the clock of the manager", () =>
    Effect.gen(function* () {
      const script = (_: unknown, index: number) => tokenResponse(`token-${index + 1}`, 60_000 + index * 1e9)
      // The window is so short that no request before the end renews.
      const { manager, calls, events } = yield* testManager({ script, renewal: { window: 0.5 } })
      const first = yield* manager.get
      assert.deepStrictEqual([first.expiresAt, first.lifetimeSource], [60_000, "declared"])
      yield* TestClock.adjust(59_999)
      assert.strictEqual(manager.peek(), first)
      assert.strictEqual(yield* manager.get, first)
      yield* TestClock.adjust(1)
      assert.isUndefined(manager.peek())
      const second = yield* manager.get
      assert.strictEqual(second.reveal(), "token-2")
      assert.lengthOf(calls, 2)
      assert.deepInclude(events.at(-1), { type: "issued", reason: "expired", tokenId: second.id })
    })
  )

  it.effect("counts from when the token request was sent, not from its response", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust(5_000)
      const { manager, calls, eventsOf } = yield* testManager({ script: () => undefined })
      const waiting = yield* Effect.forkChild(manager.get)
      yield* until("the token request is sent", () => calls.length === 1)
      yield* TestClock.adjust(700)
      calls[0]!.respond(tokenResponse("token-1"))
      const token = yield* Fiber.join(waiting)
      assert.strictEqual(token.issuedAt, 5_000)
      assert.deepInclude(eventsOf("issued")[0], { tookMillis: 700, at: 5_700 })
    })
  )

  it.effect("if unknown, never ends by itself", () =>
    Effect.gen(function* () {
      const { manager, calls } = yield* testManager()
      const token = yield* manager.get
      yield* TestClock.adjust("400 days")
      assert.strictEqual(yield* manager.get, token)
      assert.lengthOf(calls, 1)
    })
  )
})

describe("TOK-4: a rejection counts only for the current token", () => {
  it.effect("and causes one token request: given as the token, its id or its value", () =>
    Effect.gen(function* () {
      const ways: ReadonlyArray<(token: AccessToken) => AccessToken | string> = [
        (token) => token,
        ({ id }) => id,
        (token) => token.reveal()
      ]
      for (const way of ways) {
        const { manager, calls, types } = yield* testManager()
        const first = yield* manager.get
        yield* manager.reject(way(first))
        assert.isUndefined(manager.peek())
        const second = yield* manager.get
        assert.deepStrictEqual([second.reveal(), calls.length], ["token-2", 2])
        assert.deepStrictEqual(types(), ["renewal-started", "issued", "rejected", "renewal-started", "issued"])
      }
    })
  )

  it.effect("and is ignored if it is a late one of an older token", () =>
    Effect.gen(function* () {
      const { manager, calls, types } = yield* testManager()
      const first = yield* manager.get
      yield* manager.reject(first)
      const second = yield* manager.get
      for (const old of [first, first.id, first.reveal(), "an unknown token", ""]) yield* manager.reject(old)
      assert.strictEqual(yield* manager.get, second)
      assert.lengthOf(calls, 2)
      assert.deepStrictEqual(types(), ["renewal-started", "issued", "rejected", "renewal-started", "issued"])
    })
  )

  it.effect("and is ignored before there is a token", () =>
    Effect.gen(function* () {
      const { manager, types } = yield* testManager()
      yield* manager.reject("token-1")
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.deepStrictEqual(types(), ["renewal-started", "issued"])
    })
  )

  it.effect("and retires that token, even if a slow storage still returns it", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const { manager, calls } = yield* testManager({ storage })
      const first = yield* manager.get
      const stale = storage.record()
      storage.override({ load: () => Effect.succeed(stale) })
      yield* manager.reject(first)
      const second = yield* manager.get
      assert.strictEqual(second.reveal(), "token-2")
      yield* manager.reject(second)
      assert.strictEqual((yield* manager.get).reveal(), "token-3")
      assert.lengthOf(calls, 3)
    })
  )

  it.effect("also while it is being saved: callers that join the renewal do not get it", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const { promise, resolve } = Promise.withResolvers<boolean>()
      storage.override({ save: () => Effect.promise(() => promise) })
      const { manager, calls } = yield* testManager({ storage })
      const first = yield* Effect.forkChild(manager.get)
      yield* until("the token is being saved", () => storage.operations.includes("save"))
      yield* manager.reject(manager.peek()!)
      const second = yield* Effect.forkChild(manager.get)
      yield* settled
      resolve(true)
      assert.strictEqual((yield* Fiber.join(second)).reveal(), "token-2")
      assert.strictEqual((yield* Fiber.join(first)).reveal(), "token-2")
      assert.lengthOf(calls, 2)
    })
  )

  it.effect("and leads to the token that another client renewed meanwhile, without a token request", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const client = yield* testManager({ storage })
      const other = yield* testManager({ storage, script: () => tokenResponse("token-of-another") })
      const first = yield* client.manager.get
      assert.strictEqual((yield* other.manager.get).id, first.id)
      yield* other.manager.reject(first)
      const renewed = yield* other.manager.get
      yield* client.manager.reject(first)
      assert.strictEqual((yield* client.manager.get).id, renewed.id)
      assert.deepStrictEqual([client.calls.length, other.calls.length], [1, 1])
      assert.deepStrictEqual(client.types(), ["renewal-started", "issued", "rejected", "renewal-started", "adopted"])
    })
  )
})
