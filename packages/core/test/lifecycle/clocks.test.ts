import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { manualClock } from "../support/manualClock.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { tokensWithLifetime } from "../support/scriptedTransport.ts"
import { runs } from "../support/seed.ts"
import { testManager } from "../support/testManager.ts"
import { untilIdle, until } from "../support/time.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

type ManualClock = ReturnType<typeof manualClock>

/** Runs on a clock that the test sets. */
const withManualClock = <A, E, R>(program: (time: ManualClock) => Effect.Effect<A, E, R>) => {
  const time = manualClock()
  return Effect.provideService(program(time), Clock.Clock, time.clock)
}

const exact = { jitter: 0 }

describe("TOK-9: a token", () => {
  const apart: ReadonlyArray<readonly [what: string, by: (time: ManualClock) => void]> = [
    ["an hour of sleep, during which the monotonic clock stands still", ({ jumpWall }) => jumpWall(hour)],
    ["the wall clock set a day ahead", ({ jumpWall }) => jumpWall(day)],
    ["an hour in which the wall clock is set back a day", ({ jumpWall, pass }) => (jumpWall(-day), pass(hour))]
  ]
  for (const [what, by] of apart) {
    it.effect(`is renewed once after ${what}`, () =>
      withManualClock((time) =>
        Effect.gen(function* () {
          const { calls, manager } = yield* testManager({ script: tokensWithLifetime(hour), renewal: exact })
          const first = yield* manager.get
          assert.strictEqual(manager.peek(), first)
          by(time)
          assert.isUndefined(manager.peek())
          const second = yield* manager.get
          for (let hits = 0; hits < 100; hits += 1) {
            time.pass(1_000)
            assert.strictEqual(yield* manager.get, second)
          }
          assert.lengthOf(calls, 2)
        })
      )
    )
  }

  it.effect("that expired by the monotonic clock is not adopted again because of the wall clock", () =>
    withManualClock((time) =>
      Effect.gen(function* () {
        const { calls, manager } = yield* testManager({ script: tokensWithLifetime(hour), renewal: exact })
        const first = yield* manager.get
        time.jumpWall(-2 * hour)
        time.pass(hour)
        assert.notStrictEqual((yield* manager.get).id, first.id)
        assert.lengthOf(calls, 2)
      })
    )
  )

  it.effect("ages from when the token request was sent, even if the response takes longer than its lifetime", () =>
    withManualClock((time) =>
      Effect.gen(function* () {
        const { calls, manager } = yield* testManager({
          script: (call, index) => {
            time.pass(3_000)
            return tokensWithLifetime(2_000)(call, index)
          }
        })
        yield* manager.get
        assert.isUndefined(manager.peek())
        yield* manager.get
        assert.lengthOf(calls, 2)
      })
    )
  )

  it.effect("of a process whose clock is ahead lives here for its lifetime at most", () =>
    withManualClock((time) =>
      Effect.gen(function* () {
        const storage = scriptedStorage()
        for (const ahead of [5 * minute, day, 60 * 365 * day]) {
          storage.records.clear()
          time.jumpWall(ahead)
          const other = yield* testManager({ storage, script: tokensWithLifetime(hour) })
          const adopted = yield* other.manager.get
          time.jumpWall(-ahead)
          const own = yield* testManager({ storage, script: tokensWithLifetime(hour), renewal: exact })
          assert.strictEqual((yield* own.manager.get).id, adopted.id)
          assert.isAtLeast(own.manager.status().token?.age ?? -1, 0)
          time.pass(hour)
          assert.isUndefined(own.manager.peek())
          assert.notStrictEqual((yield* own.manager.get).id, adopted.id)
        }
      })
    )
  )
})

describe("TOK-9, TOK-1: a request on the cached token", () => {
  it.effect("reads one clock, and the other at least once a second", () =>
    withManualClock((time) =>
      Effect.gen(function* () {
        const { manager } = yield* testManager({ script: tokensWithLifetime(hour) })
        yield* manager.get
        manager.peek()
        time.reads()
        for (let hits = 0; hits < 500; hits += 1) {
          manager.peek()
          yield* manager.get
        }
        assert.deepStrictEqual(time.reads(), { wall: 1_000, mono: 0 })
        for (let hits = 0; hits < 10_000; hits += 1) {
          time.pass(1)
          manager.peek()
        }
        assert.deepStrictEqual(time.reads(), { wall: 10_000, mono: 10 })
      })
    )
  )
})

describe("TOK-9: for every movement of the clocks", () => {
  it("there is no loop of token requests, and no token outlives its lifetime on either clock", async () => {
    const step = fc.record({
      jumpWall: fc.oneof(fc.constant(0), fc.constantFrom(-day, -hour, hour, day, -50 * 365 * day, 50 * 365 * day)),
      pass: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30_000 })),
      hits: fc.integer({ min: 1, max: 5 })
    })
    const property = fc.asyncProperty(fc.array(step, { maxLength: 30 }), (steps) =>
      Effect.runPromise(
        withManualClock((time) =>
          Effect.gen(function* () {
            const { calls, manager } = yield* testManager({ script: tokensWithLifetime(minute) })
            const currentSince = new Map<string, number>()
            for (const { hits, jumpWall, pass } of steps) {
              time.jumpWall(jumpWall)
              time.pass(pass)
              for (let hit = 0; hit < hits; hit += 1) {
                const result = yield* Effect.result(manager.get)
                yield* untilIdle(manager)
                const { mono, wall } = time.now()
                assert.isAtMost(calls.length, 10 + mono / 1_000)
                if (result._tag === "Failure") {
                  assert.strictEqual(result.failure.code, "TOKEN_REQUEST_LIMITED")
                  continue
                }
                const { expiresAt, id } = result.success
                assert.isAbove(expiresAt!, wall)
                currentSince.set(id, currentSince.get(id) ?? mono)
                assert.isBelow(mono - currentSince.get(id)!, minute + 1_000)
              }
            }
          }).pipe(Effect.scoped)
        )
      )
    )
    await fc.assert(property, runs(60))
  })

  it.effect("a wall clock that jumps back and forth costs no more token requests than the budget", () =>
    withManualClock((time) =>
      Effect.gen(function* () {
        const { calls, manager } = yield* testManager({ script: tokensWithLifetime(minute) })
        for (let jumps = 0; jumps < 200; jumps += 1) {
          time.jumpWall(jumps % 2 === 0 ? hour : -hour)
          yield* Effect.ignore(manager.get)
        }
        yield* until("no renewal is in flight", () => manager.status().state !== "renewing")
        assert.isAtMost(calls.length, 10)
      })
    )
  )
})
