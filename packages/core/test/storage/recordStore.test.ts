import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { type TokenManager } from "../../src/index.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { tokenResponse } from "../support/scriptedTransport.ts"
import { testManager } from "../support/testManager.ts"

describe("STO-1: adoption", () => {
  it.effect("a stored token that is good is adopted unchanged, without a token request and without a save", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const before = yield* testManager({ storage, script: () => tokenResponse("token-1", 60_000) })
      const token = yield* before.manager.get
      const after = yield* testManager({ storage })
      yield* TestClock.adjust(10_000)
      storage.operations.length = 0
      const adopted = yield* after.manager.get
      for (const field of ["id", "issuedAt", "expiresAt", "lifetimeSource"] as const) {
        assert.strictEqual(adopted[field], token[field])
      }
      assert.strictEqual(adopted.reveal(), "token-1")
      assert.lengthOf(after.calls, 0)
      assert.deepStrictEqual(storage.operations, ["load"])
      assert.deepStrictEqual(after.events, [
        { type: "renewal-started", at: 10_000, reason: "first", background: false },
        { type: "adopted", at: 10_000, tokenId: token.id, reason: "first", waited: 1 }
      ])
    })
  )

  it.effect("an expired one is not adopted", () =>
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
      storage.override({
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
