import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { type TokenManager, TokenStorage } from "../../src/index.ts"
import { manualClock } from "../support/manualClock.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { tokenResponse } from "../support/scriptedTransport.ts"
import { testManager } from "../support/testManager.ts"
import { settled, until, untilIdle } from "../support/time.ts"

/** A lease lasts 12 s. */
const longerThanLease = 13_000

type Time = ReturnType<typeof manualClock>

const withTime = <A, E>(program: (time: Time) => Effect.Effect<A, E, Scope.Scope>) => {
  const time = manualClock()
  return Effect.provideService(program(time), Clock.Clock, time.clock)
}

/** A storage that calls back after each save, before the client sees that it is saved. */
const hookedStorage = (onSaved: (saves: number) => Effect.Effect<unknown>) => {
  const storage = sharedStorage()
  let saves = 0
  const service = TokenStorage.of({
    ...storage.service,
    save: (name, stored) =>
      Effect.tap(storage.service.save(name, stored), () => {
        saves += 1
        return onSaved(saves)
      })
  })
  return { ...storage, service }
}

describe("TOK-3: a lease owner that is frozen", () => {
  it.effect(
    "for longer than its lease after it saved its claim sends no token request, and adopts the token of the next owner",
    () =>
      withTime((time) =>
        Effect.gen(function* () {
          let other: TokenManager["Service"] | undefined
          const storage = hookedStorage((saves) =>
            Effect.suspend(() => {
              if (saves > 1 || other === undefined) return Effect.void
              time.pass(longerThanLease)
              return Effect.orDie(other.get)
            })
          )
          const next = yield* testManager({ storage, script: () => tokenResponse("token-other") })
          other = next.manager
          const { calls, manager } = yield* testManager({ storage })
          assert.strictEqual((yield* manager.get).reveal(), "token-other")
          assert.deepStrictEqual([calls.length, next.calls.length], [0, 1])
        })
      )
  )

  it.effect(
    "for longer than its lease after it saved its claim asks for the lease again before it sends the token request",
    () =>
      withTime((time) =>
        Effect.gen(function* () {
          const storage = hookedStorage((saves) =>
            Effect.sync(() => {
              if (saves === 1) time.pass(longerThanLease)
            })
          )
          const leasesBefore: Array<number> = []
          const script = () => {
            leasesBefore.push(storage.granted.length)
            return tokenResponse("token-1")
          }
          const { manager } = yield* testManager({ storage, script })
          assert.strictEqual((yield* manager.get).reveal(), "token-1")
          assert.deepStrictEqual(leasesBefore, [2])
        })
      )
  )

  it.effect("for longer than the margin of its lease aborts its token request, and asks for the lease again", () =>
    withTime((time) =>
      Effect.gen(function* () {
        const storage = sharedStorage()
        const { calls, manager } = yield* testManager({ storage, script: () => undefined })
        const waiting = yield* Effect.forkChild(manager.get)
        yield* until("the token request is sent", () => calls.length === 1)
        yield* settled
        time.pass(2_100)
        yield* until("it is sent again", () => calls.length === 2)
        assert.isTrue(calls[0]!.init.signal?.aborted)
        assert.lengthOf(storage.granted, 2)
        calls[0]!.respond(tokenResponse("token-1"))
        calls[1]!.respond(tokenResponse("token-2"))
        assert.strictEqual((yield* Fiber.join(waiting)).reveal(), "token-2")
      })
    )
  )

  it.effect("for less than that uses its token at once, while it is being saved", () =>
    withTime((time) =>
      Effect.gen(function* () {
        const seen: Array<string | undefined> = []
        let client: TokenManager["Service"] | undefined
        const storage = hookedStorage(() => Effect.sync(() => seen.push(client?.peek()?.reveal())))
        const { calls, manager } = yield* testManager({ storage, script: () => undefined })
        client = manager
        const waiting = yield* Effect.forkChild(manager.get)
        yield* until("the token request is sent", () => calls.length === 1)
        yield* settled
        time.pass(1_900)
        yield* settled
        calls[0]!.respond(tokenResponse("token-1"))
        yield* Fiber.join(waiting)
        yield* untilIdle(manager)
        assert.lengthOf(calls, 1)
        assert.deepStrictEqual(seen, [undefined, "token-1"])
      })
    )
  )

  it.effect("for longer than its lease when the response arrives uses its token once it is saved, and not before", () =>
    withTime((time) =>
      Effect.gen(function* () {
        const seen: Array<string | undefined> = []
        let client: TokenManager["Service"] | undefined
        const storage = hookedStorage(() => Effect.sync(() => seen.push(client?.peek()?.reveal())))
        const script = () => {
          time.pass(longerThanLease)
          return tokenResponse("token-1")
        }
        const { calls, manager } = yield* testManager({ storage, script })
        client = manager
        assert.strictEqual((yield* manager.get).reveal(), "token-1")
        yield* untilIdle(manager)
        assert.deepStrictEqual(seen, [undefined, undefined])
        assert.strictEqual(manager.peek()?.reveal(), "token-1")
        assert.lengthOf(calls, 1)
      })
    )
  )
})
