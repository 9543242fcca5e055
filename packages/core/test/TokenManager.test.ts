import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { AccessToken } from "../src/index.ts"
import { scriptedStorage } from "./support/scriptedStorage.ts"
import { tokenResponse } from "./support/scriptedTransport.ts"
import { testManager } from "./support/testManager.ts"
import { settled, until } from "./support/turns.ts"

const together = <A, E>(count: number, effect: Effect.Effect<A, E>) =>
  Effect.all(
    Array.from({ length: count }, () => effect),
    { concurrency: "unbounded" }
  )

describe("TOK-1: a fresh token", () => {
  it.effect("is there without waiting, without a call and without the storage", () =>
    Effect.gen(function* () {
      const { manager, calls, storage } = yield* testManager()
      assert.isUndefined(manager.peek())
      const token = yield* manager.get
      assert.deepStrictEqual(storage.asked, ["load", "save"])
      for (let hits = 0; hits < 100; hits += 1) {
        assert.strictEqual(manager.peek(), token)
        // What is got without a turn of the event loop is got without waiting.
        const got = yield* Effect.forkChild(manager.get, { startImmediately: true })
        assert.deepStrictEqual(got.pollUnsafe(), Exit.succeed(token))
      }
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(storage.asked, ["load", "save"])
    })
  )

  it.effect("is not got in advance: nothing is asked before the first use", () =>
    Effect.gen(function* () {
      const { calls, storage, manager } = yield* testManager({ source: () => assert.fail("The key was asked for.") })
      yield* settled
      assert.deepStrictEqual([calls.length, storage.asked.length, manager.status().state], [0, 0, "empty"])
    })
  )
})

describe("TOK-2: concurrent callers", () => {
  it.effect("a thousand share one issue call and one token", () =>
    Effect.gen(function* () {
      const { manager, calls, storage } = yield* testManager()
      const got = yield* together(1_000, manager.get)
      assert.strictEqual(new Set(got).size, 1)
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(storage.asked, ["load", "save"])
    })
  )

  it.effect("share one call after every expiry and every refusal, too", () =>
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

  it.effect("one that comes while the call is under way joins it", () =>
    Effect.gen(function* () {
      const { manager, calls } = yield* testManager({ script: () => undefined })
      const first = yield* Effect.forkChild(manager.get)
      yield* until("the call is sent", () => calls.length === 1)
      const second = yield* Effect.forkChild(manager.get)
      yield* settled
      assert.strictEqual(manager.status().state, "renewing")
      calls[0]!.answer(tokenResponse("token-1"))
      assert.strictEqual(yield* Fiber.join(first), yield* Fiber.join(second))
      assert.lengthOf(calls, 1)
    })
  )
})

describe("a declared lifetime", () => {
  it.effect("ends at the very millisecond, on the clock of the manager", () =>
    Effect.gen(function* () {
      const script = (_: unknown, index: number) => tokenResponse(`token-${index + 1}`, 60_000 + index * 1e9)
      // A window of next to nothing, so that no hit before the end renews.
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

  it.effect("counts from when the issue call was sent, not from its answer", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust(5_000)
      const { manager, calls, told } = yield* testManager({ script: () => undefined })
      const waiting = yield* Effect.forkChild(manager.get)
      yield* until("the call is sent", () => calls.length === 1)
      yield* TestClock.adjust(700)
      calls[0]!.answer(tokenResponse("token-1"))
      const token = yield* Fiber.join(waiting)
      assert.strictEqual(token.issuedAt, 5_000)
      assert.deepInclude(told("issued")[0], { tookMillis: 700, at: 5_700 })
    })
  )

  it.effect("that is unknown does not end by itself", () =>
    Effect.gen(function* () {
      const { manager, calls } = yield* testManager()
      const token = yield* manager.get
      yield* TestClock.adjust("400 days")
      assert.strictEqual(yield* manager.get, token)
      assert.lengthOf(calls, 1)
    })
  )
})

describe("TOK-4: rejections are compared, not believed", () => {
  it.effect("a refusal of the current token causes one issue call: by the token, its id or its text", () =>
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

  it.effect("a straggler's refusal of an older token causes no issue call", () =>
    Effect.gen(function* () {
      const { manager, calls, types } = yield* testManager()
      const first = yield* manager.get
      yield* manager.reject(first)
      const second = yield* manager.get
      for (const old of [first, first.id, first.reveal(), "no token of ours", ""]) yield* manager.reject(old)
      assert.strictEqual(yield* manager.get, second)
      assert.lengthOf(calls, 2)
      assert.deepStrictEqual(types(), ["renewal-started", "issued", "rejected", "renewal-started", "issued"])
    })
  )

  it.effect("a refusal before there is any token is nothing", () =>
    Effect.gen(function* () {
      const { manager, types } = yield* testManager()
      yield* manager.reject("token-1")
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.deepStrictEqual(types(), ["renewal-started", "issued"])
    })
  )

  it.effect("a rejected token is never sent again, although a slow storage goes on answering with it", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const { manager, calls } = yield* testManager({ storage })
      const first = yield* manager.get
      const stale = storage.record()
      storage.becomes({ load: () => Effect.succeed(stale) })
      yield* manager.reject(first)
      const second = yield* manager.get
      assert.strictEqual(second.reveal(), "token-2")
      yield* manager.reject(second)
      assert.strictEqual((yield* manager.get).reveal(), "token-3")
      assert.lengthOf(calls, 3)
    })
  )

  it.effect("a token that is rejected while it is still being saved is not given to those who join that flight", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const { promise, resolve } = Promise.withResolvers<boolean>()
      storage.becomes({ save: () => Effect.promise(() => promise) })
      const { manager, calls } = yield* testManager({ storage })
      const first = yield* Effect.forkChild(manager.get)
      yield* until("the token is being saved", () => storage.asked.includes("save"))
      yield* manager.reject(manager.peek()!)
      const second = yield* Effect.forkChild(manager.get)
      yield* settled
      resolve(true)
      assert.strictEqual((yield* Fiber.join(second)).reveal(), "token-2")
      assert.strictEqual((yield* Fiber.join(first)).reveal(), "token-2")
      assert.lengthOf(calls, 2)
    })
  )

  it.effect("a token that somebody else renewed meanwhile is adopted instead of a call", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const mine = yield* testManager({ storage })
      const other = yield* testManager({ storage, script: () => tokenResponse("token-of-another") })
      const first = yield* mine.manager.get
      assert.strictEqual((yield* other.manager.get).id, first.id)
      yield* other.manager.reject(first)
      const renewed = yield* other.manager.get
      yield* mine.manager.reject(first)
      assert.strictEqual((yield* mine.manager.get).id, renewed.id)
      assert.deepStrictEqual([mine.calls.length, other.calls.length], [1, 1])
      assert.deepStrictEqual(mine.types(), ["renewal-started", "issued", "rejected", "renewal-started", "adopted"])
    })
  )
})
