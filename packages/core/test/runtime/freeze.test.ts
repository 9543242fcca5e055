import { stat } from "node:fs/promises"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { StorageFailure } from "../../src/ports/TokenStorage.ts"
import { manualClock } from "../support/manualClock.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { type Script, tokenResponse } from "../support/scriptedTransport.ts"
import { apiKey, testManager } from "../support/testManager.ts"
import { settled, until } from "../support/time.ts"

/** I/O that takes several turns of the event loop: after a freeze, its timers are due before its results. */
const io = async () => {
  for (let step = 0; step < 8; step += 1) await stat("/")
}

/** Something that the test completes. */
const response = () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { promise, respond: () => resolve() }
}

/**
 * Stops this process several times, as SIGSTOP would: nothing runs, and time goes on. In between, timers that are due run.
 */
const freeze = Effect.promise(async () => {
  for (let times = 0; times < 5; times += 1) {
    const end = performance.now() + 150
    while (performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
})

describe("a process that is frozen, in total for longer than a timeout", () => {
  it.live("TOK-10: during the token request gets the response that arrived meanwhile", () =>
    Effect.gen(function* () {
      const { promise, respond } = response()
      const script: Script = async () => {
        await promise
        await io()
        return tokenResponse("token-1")
      }
      const { calls, manager } = yield* testManager({ script, tokenRequest: { deadline: 200, tries: 1 } })
      const waiting = yield* Effect.forkChild(manager.get)
      yield* until("the token request is sent", () => calls.length === 1)
      yield* freeze
      respond()
      assert.strictEqual((yield* Fiber.join(waiting)).reveal(), "token-1")
      assert.lengthOf(calls, 1)
    })
  )

  it.live("STO-2: during a storage operation keeps the storage", () =>
    Effect.gen(function* () {
      const { promise, respond } = response()
      const load = () =>
        Effect.as(
          Effect.promise(() => promise.then(io)),
          undefined
        )
      const storage = scriptedStorage({ load })
      // The first operation has twice its timeout.
      const { manager, types } = yield* testManager({ storage, storageTimeout: 100, storageGrace: 100 })
      const waiting = yield* Effect.forkChild(manager.get)
      yield* until("the storage is called", () => storage.operations.length > 0)
      yield* freeze
      respond()
      yield* Fiber.join(waiting)
      assert.notInclude(types(), "storage-degraded")
    })
  )

  it.live("STO-2: during a storage operation keeps the storage, also if the storage's client counts the time", () =>
    Effect.gen(function* () {
      const { promise, respond } = response()
      let loads = 0
      // As node-redis does, which has not read that it is connected when its timer is due.
      const timedOut = new StorageFailure({ operation: "load", detail: "ConnectionTimeoutError" })
      const load = () =>
        loads++ === 0
          ? Effect.andThen(
              Effect.promise(() => promise),
              Effect.fail(timedOut)
            )
          : Effect.undefined
      const storage = scriptedStorage({ load })
      const { manager, types } = yield* testManager({ storage, storageTimeout: 100, storageGrace: 100 })
      const waiting = yield* Effect.forkChild(manager.get)
      yield* until("the storage is called", () => loads === 1)
      yield* freeze
      respond()
      yield* Fiber.join(waiting)
      assert.isAbove(loads, 1)
      assert.notInclude(types(), "storage-degraded")
    })
  )

  it.effect("KEY-3: while the API key is read gets the key", () => {
    const time = manualClock()
    return Effect.provideService(
      Effect.gen(function* () {
        const { promise, resolve } = Promise.withResolvers<string>()
        let reads = 0
        const source = () => {
          reads += 1
          return promise
        }
        const { manager } = yield* testManager({ source })
        const waiting = yield* Effect.forkChild(manager.get)
        yield* until("the key is read", () => reads === 1)
        yield* settled
        // A key source has 5 s. Its timer is due before the key is there.
        time.pass(60_000)
        yield* settled
        resolve(apiKey)
        assert.strictEqual((yield* Fiber.join(waiting)).reveal(), "token-1")
        assert.strictEqual(reads, 1)
      }),
      Clock.Clock,
      time.clock
    )
  })
})
