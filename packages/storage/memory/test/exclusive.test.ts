import { assert, describe, it } from "@effect/vitest"
import { TokenStorage } from "@tokenkeep/core"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"

const record = { version: "1", text: "must not be lost" }

describe("an exclusive record in memory", () => {
  it.effect("STO-7: is there after a year in which thousands of leases were granted and forgotten", () =>
    Effect.gen(function* () {
      const { acquireLease, exclusive } = yield* TokenStorage
      assert.isTrue(yield* exclusive!.replace("name", { expected: undefined, record }))
      for (let month = 0; month < 12; month += 1) {
        for (let each = 0; each < 1_000; each += 1) yield* acquireLease!(`${each}`, { owner: "owner", millis: 1_000 })
        yield* TestClock.adjust("30 days")
      }
      assert.deepStrictEqual(yield* exclusive!.load("name"), record)
    }).pipe(Effect.provide(MemoryStorage.layer()))
  )
})
