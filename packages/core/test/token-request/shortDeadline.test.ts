import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TokenStorage } from "../../src/index.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { testManager } from "../support/testManager.ts"
import { until, untilIdle, whileTimePasses } from "../support/time.ts"

/** A storage that hangs when a token request is counted in it. */
const hangingSave = () => {
  const storage = sharedStorage()
  const service = TokenStorage.of({ ...storage.service, save: () => Effect.never })
  return { ...storage, service }
}

describe("STO-2: a deadline of the token request that is shorter than what the storage may take", () => {
  it.effect("is a fault of the storage, not of the token endpoint: the client continues without it", () =>
    Effect.gen(function* () {
      const { calls, eventsOf, manager } = yield* testManager({
        storage: hangingSave(),
        tokenRequest: { deadline: 500 }
      })
      const getting = yield* Effect.forkChild(manager.get)
      yield* until("the lease is taken", () => manager.status().lease.state === "held")
      assert.strictEqual((yield* whileTimePasses(Fiber.join(getting))).reveal(), "token-1")
      yield* whileTimePasses(untilIdle(manager))
      assert.lengthOf(calls, 1)
      assert.deepStrictEqual(eventsOf("renewal-failed"), [])
      const [{ detail, operation } = assert.fail()] = eventsOf("storage-degraded")
      assert.deepStrictEqual([operation, detail], ["save", "no response within 500 ms"])
    })
  )

  it.effect("with storageFailure require, the error names the storage", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* testManager({
        storage: hangingSave(),
        storageFailure: "require",
        tokenRequest: { deadline: 500 }
      })
      const error = yield* Effect.flip(whileTimePasses(manager.get))
      assert.deepStrictEqual(error.reason, { _tag: "StorageFailed", operation: "save" })
      assert.include(error.message, "no response within 500 ms")
      assert.lengthOf(calls, 0)
    })
  )
})
