import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { TokenkeepError } from "../../src/index.ts"
import { makeRateLimit } from "../../src/api/RateLimit.ts"
import { settled } from "../support/time.ts"

const one = [{ count: 1, millis: 1_000 }]

const gone = TokenkeepError.of({ _tag: "Disposed" }, { what: "Gone.", fix: "Begin again." })

/** Which of these fibers have ended. */
const done = (fibers: ReadonlyArray<Fiber.Fiber<unknown, unknown>>) =>
  fibers.map((fiber) => fiber.pollUnsafe() !== undefined)

describe("REQ-7: calls wait for their turn", () => {
  it.effect("in the order of their arrival, for each endpoint separately", () =>
    Effect.gen(function* () {
      const { take } = yield* makeRateLimit(one, Effect.never)
      assert.strictEqual(yield* take("/a", 5_000), 0)
      assert.strictEqual(yield* take("/b", 5_000), 0)
      const waiting = [yield* Effect.forkChild(take("/a", 5_000)), yield* Effect.forkChild(take("/a", 5_000))]
      yield* settled
      yield* TestClock.adjust(1_099)
      yield* settled
      assert.deepStrictEqual(done(waiting), [false, false])
      yield* TestClock.adjust(1)
      yield* settled
      assert.deepStrictEqual(done(waiting), [true, false])
      yield* TestClock.adjust(1_100)
      assert.deepStrictEqual(yield* Fiber.joinAll(waiting), [1_100, 2_200])
    })
  )

  it.effect("and fail at once, with the time when they could be sent, if their maxWait is too short", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_800_000_000_000)
      const { take } = yield* makeRateLimit(one, Effect.never)
      yield* take("/a", 1)
      const error = yield* Effect.flip(take("/a", 1_099))
      assert.deepStrictEqual(error.reason, {
        _tag: "RateLimited",
        retryAt: 1_800_000_001_100,
        limit: 1,
        remaining: 0,
        endpoint: "/a"
      })
      assert.include(error.message, "was not sent")
      const longWait = yield* Effect.forkChild(take("/a", 1_100))
      yield* settled
      yield* TestClock.adjust(1_100)
      assert.strictEqual(yield* Fiber.join(longWait), 1_100)
    })
  )

  it.effect("and give up their turn when they are interrupted", () =>
    Effect.gen(function* () {
      const { take } = yield* makeRateLimit(one, Effect.never)
      yield* take("/a", 1)
      const leaving = yield* Effect.forkChild(take("/a", 5_000))
      yield* settled
      yield* Fiber.interrupt(leaving)
      const next = yield* Effect.forkChild(take("/a", 1_100))
      yield* settled
      yield* TestClock.adjust(1_100)
      assert.strictEqual(yield* Fiber.join(next), 1_100)
    })
  )

  it.effect("and none is sent to an endpoint that responded with 429, not even calls that have a turn", () =>
    Effect.gen(function* () {
      const { close, take } = yield* makeRateLimit(one, Effect.never)
      yield* take("/a", 1)
      const waiting = yield* Effect.forkChild(take("/a", Infinity))
      const shortWait = yield* Effect.forkChild(Effect.flip(take("/a", 3_000)))
      yield* settled
      close("/a", 10_000)
      yield* TestClock.adjust(1_100)
      yield* settled
      assert.deepStrictEqual(done([waiting, shortWait]), [false, false])
      yield* TestClock.adjust(1_100)
      yield* settled
      assert.deepStrictEqual(done([waiting, shortWait]), [false, true])
      assert.strictEqual((yield* Fiber.join(shortWait)).retryAt, 11_100)
      assert.strictEqual(yield* take("/b", 1), 0)
      yield* TestClock.adjust(7_800)
      assert.strictEqual(yield* Fiber.join(waiting), 10_000)
    })
  )

  it.effect("RUN-2: and fail when the client is disposed", () =>
    Effect.gen(function* () {
      const ended = Deferred.makeUnsafe<never, TokenkeepError>()
      const { take } = yield* makeRateLimit(one, Deferred.await(ended))
      yield* take("/a", 1)
      const waiting = yield* Effect.forkChild(Effect.flip(take("/a", Infinity)))
      yield* settled
      yield* Deferred.fail(ended, gone)
      assert.strictEqual(yield* Fiber.join(waiting), gone)
    })
  )

  it.effect("and are not affected by jumps of the wall clock", () =>
    Effect.gen(function* () {
      const { take } = yield* makeRateLimit([{ count: 2, millis: 1_000 }], Effect.never)
      yield* take("/a", 1)
      yield* TestClock.setTime(0)
      yield* take("/a", 1)
      assert.strictEqual((yield* Effect.flip(take("/a", 1_000))).code, "RATE_LIMITED")
    })
  )
})
