import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TokenStorage } from "../../src/index.ts"
import { manualClock } from "../support/manualClock.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { tokenResponse } from "../support/scriptedTransport.ts"
import { testManager, type TestManagerOptions } from "../support/testManager.ts"
import { settled, until, whileTimePasses } from "../support/time.ts"

/** A client of a busy process, which loses its lease during each of its first three token requests. */
const busyClient = Effect.fnUntraced(function* (options: TestManagerOptions) {
  const storage = sharedStorage()
  const client = yield* testManager({ storage, script: () => undefined, ...options })
  const waiting = yield* Effect.forkChild(Effect.result(client.manager.get))
  return { ...client, storage, waiting }
})

const losesItsLease = Effect.fnUntraced(function* (
  time: ReturnType<typeof manualClock>,
  calls: ReadonlyArray<unknown>,
  times: number
) {
  for (let lost = 1; lost <= times; lost += 1) {
    yield* until(`token request ${lost} is sent`, () => calls.length === lost)
    yield* settled
    time.pass(2_100)
  }
})

describe("TOK-3: a client that loses its lease again and again before it has a token", () => {
  it.effect("continues without the storage after the third time, and sends one more token request", () => {
    const time = manualClock()
    return Effect.provideService(
      Effect.gen(function* () {
        const { calls, eventsOf, storage, waiting } = yield* busyClient({})
        yield* losesItsLease(time, calls, 3)
        yield* until("it is sent without a lease", () => calls.length === 4)
        yield* settled
        time.pass(2_100)
        yield* settled
        calls[3]!.respond(tokenResponse("token-4"))
        const result = yield* Fiber.join(waiting)
        assert.strictEqual(result._tag === "Success" && result.success.reveal(), "token-4")
        assert.lengthOf(storage.granted, 3)
        assert.lengthOf(calls, 4)
        const [degraded] = eventsOf("storage-degraded")
        assert.deepInclude(degraded, { operation: "acquireLease" })
        assert.match(degraded!.detail, /lost three times/)
      }),
      Clock.Clock,
      time.clock
    )
  })

  it.effect("fails instead if the storage is required", () => {
    const time = manualClock()
    return Effect.provideService(
      Effect.gen(function* () {
        const { calls, waiting } = yield* busyClient({ storageFailure: "require" })
        yield* losesItsLease(time, calls, 3)
        const result = yield* Fiber.join(waiting)
        assert.strictEqual(result._tag === "Failure" && result.failure.code, "STORAGE_FAILED")
        assert.lengthOf(calls, 3)
      }),
      Clock.Clock,
      time.clock
    )
  })

  it.effect("as with a storage that needs longer than a lease lasts, gets a token", () =>
    Effect.gen(function* () {
      const { service, ...storage } = sharedStorage()
      const slow =
        <A extends ReadonlyArray<unknown>, B, E>(operation: (...args: A) => Effect.Effect<B, E>) =>
        (...args: A) =>
          Effect.delay(operation(...args), 1_500)
      const { acquireLease, load, save } = service
      const { calls, manager } = yield* testManager({
        storage: {
          ...storage,
          service: TokenStorage.of({
            ...service,
            load: slow(load),
            save: slow(save),
            ...(acquireLease && { acquireLease: slow(acquireLease) })
          })
        },
        // A lease lasts 4 s, and three operations take 4.5 s.
        tokenRequest: { deadline: 2_000 },
        storageTimeout: 2_000
      })
      assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-1")
      assert.lengthOf(calls, 1)
    })
  )
})
