import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { TokenStorage } from "../../src/index.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { tokenResponse } from "../support/scriptedTransport.ts"
import { testManager } from "../support/testManager.ts"
import { until, untilIdle, whileTimePasses } from "../support/time.ts"

/** A storage in which counting a token request, its first save, takes a while or never ends. */
const slowClaim = (claim: Effect.Effect<void>) => {
  const storage = sharedStorage()
  let saves = 0
  const service = TokenStorage.of({
    ...storage.service,
    save: (name, stored) =>
      Effect.suspend(() => {
        saves += 1
        return Effect.andThen(saves === 1 ? claim : Effect.void, storage.service.save(name, stored))
      })
  })
  return { ...storage, service }
}

describe("STO-2, TOK-10: a deadline of the token request that is shorter than what the storage may take", () => {
  it.effect("does not count the storage's time: all of it is left for the token endpoint", () =>
    Effect.gen(function* () {
      const { calls, eventsOf, manager } = yield* testManager({
        storage: slowClaim(Effect.sleep(900)),
        tokenRequest: { deadline: 500 },
        script: () => undefined
      })
      const getting = yield* Effect.forkChild(manager.get, { startImmediately: true })
      yield* until("the storage is used", () => manager.status().lease.state === "held")
      yield* TestClock.adjust(900)
      yield* until("the request is sent", () => calls.length === 1)
      yield* TestClock.adjust(450)
      calls[0]?.respond(tokenResponse("token-1"))
      assert.strictEqual((yield* Fiber.join(getting)).reveal(), "token-1")
      yield* whileTimePasses(untilIdle(manager))
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual([eventsOf("renewal-failed"), eventsOf("storage-degraded")], [[], []])
    })
  )

  it.effect("does not end before the storage's own limit, after which the client continues without it", () =>
    Effect.gen(function* () {
      const { calls, eventsOf, manager } = yield* testManager({
        storage: slowClaim(Effect.never),
        storageGrace: 1,
        tokenRequest: { deadline: 500 }
      })
      assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-1")
      yield* whileTimePasses(untilIdle(manager))
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(eventsOf("renewal-failed"), [])
      const [{ detail, operation } = assert.fail()] = eventsOf("storage-degraded")
      assert.deepStrictEqual([operation, detail], ["save", "no response within 1000 ms"])
    })
  )
})
