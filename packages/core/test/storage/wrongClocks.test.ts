import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { StoredRecord } from "../../src/index.ts"
import { decodeRecord } from "../../src/storage/record.ts"
import { manualClock } from "../support/manualClock.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { tokensWithLifetime } from "../support/scriptedTransport.ts"
import { testManager, type TestManagerOptions } from "../support/testManager.ts"

const second = 1_000
const hour = 3_600_000

/** A client that finds these parts in the record of its key. */
const finding = (parts: object, options: TestManagerOptions = {}) => {
  const storage = sharedStorage()
  storage.override({
    load: (name) => Effect.succeed<StoredRecord>({ text: JSON.stringify({ name, observed: {}, ...parts }), fence: 1 })
  })
  return Effect.map(testManager({ ...options, storage }), (client) => ({ ...client, storage }))
}

const rejection = (kind: "rejected" | "limited", at: number) => ({
  rejection: { kind, status: kind === "rejected" ? 401 : 429, at, until: at + 20 * second, times: 1 }
})

describe("TOK-9: what a client with a wrong clock stored", () => {
  it.effect("TOK-8: an empty budget from an hour ahead does not count", () =>
    Effect.gen(function* () {
      const { manager } = yield* finding({ budget: { left: 0, at: hour } })
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
    })
  )

  it.effect("TOK-8: an empty budget from three seconds ahead counts: clocks differ a little", () =>
    Effect.gen(function* () {
      const { manager } = yield* finding({ budget: { left: 0, at: 3 * second } })
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "TOKEN_REQUEST_LIMITED")
    })
  )

  for (const kind of ["rejected", "limited"] as const) {
    it.effect(`KEY-2: a rejection from a minute ahead does not count (${kind})`, () =>
      Effect.gen(function* () {
        const { calls, manager } = yield* finding(rejection(kind, 60 * second))
        assert.strictEqual((yield* manager.get).reveal(), "token-1")
        assert.lengthOf(calls, 1)
      })
    )

    it.effect(`KEY-2: a rejection from three seconds ahead counts (${kind})`, () =>
      Effect.gen(function* () {
        const { calls, manager } = yield* finding(rejection(kind, 3 * second))
        assert.strictEqual((yield* Effect.flip(manager.get)).retryAt, 23 * second)
        assert.lengthOf(calls, 0)
      })
    )
  }

  it.effect("a token from an hour ahead lives from now on, and no longer", () =>
    Effect.gen(function* () {
      const token = { id: "7f3a", value: "token-ahead", issuedAt: hour, expiresAt: hour + 60 * second }
      const { manager } = yield* finding({ token })
      const adopted = yield* manager.get
      assert.deepStrictEqual([adopted.reveal(), adopted.issuedAt, adopted.expiresAt], ["token-ahead", 0, 60 * second])
      assert.deepInclude(manager.status().token, { age: 0, expiresAt: 60 * second })
    })
  )

  it("a token from an hour ahead is not newer than one of now, if a record is looked for under two encryption keys", () => {
    const text = (issuedAt: number) => JSON.stringify({ name: "a", token: { id: "7f3a", value: "token-1", issuedAt } })
    assert.strictEqual(decodeRecord("a", text(hour), 5 * second)?.token?.issuedAt, 5 * second)
    assert.strictEqual(decodeRecord("a", text(second), 5 * second)?.token?.issuedAt, second)
  })

  it.effect("KEY-2: retryKey while the own clock is ahead does not end the rejections that are received later", () => {
    const time = manualClock()
    return Effect.gen(function* () {
      const now = time.now().wall
      const { calls, manager } = yield* finding(rejection("rejected", now + second), {
        script: tokensWithLifetime(hour)
      })
      time.jumpWall(hour)
      manager.retryKey()
      time.jumpWall(-hour)
      time.advanceMonotonic(2 * second)
      time.jumpWall(2 * second)
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "API_KEY_REJECTED")
      assert.lengthOf(calls, 0)
    }).pipe(Effect.provideService(Clock.Clock, time.clock))
  })

  it.effect("one client whose clock is an hour ahead closes the budget for no other", () => {
    const time = manualClock()
    return Effect.gen(function* () {
      const storage = sharedStorage()
      const options = { storage, budget: { burst: 3, perSecond: 1 } }
      time.jumpWall(hour)
      const ahead = yield* testManager(options)
      for (let turns = 0; turns < 3; turns += 1) yield* ahead.manager.reject(yield* ahead.manager.get)
      assert.strictEqual((yield* Effect.flip(ahead.manager.get)).code, "TOKEN_REQUEST_LIMITED")
      time.jumpWall(-hour)
      const right = yield* testManager(options)
      const adopted = yield* right.manager.get
      yield* right.manager.reject(adopted)
      assert.notStrictEqual((yield* right.manager.get).id, adopted.id)
    }).pipe(Effect.provideService(Clock.Clock, time.clock))
  })
})
