import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import type { TokenManager } from "../../src/index.ts"
import { fixedRandom } from "../support/fixedRandom.ts"
import { manualClock } from "../support/manualClock.ts"
import { status } from "../support/scriptedTransport.ts"
import { testClient } from "../support/testClient.ts"
import { apiKey, testManager } from "../support/testManager.ts"

/** Gets a token and rejects it, as a loop does. */
const turn = (manager: TokenManager["Service"]) => Effect.flatMap(manager.get, manager.reject)

const turns = (manager: TokenManager["Service"], count: number) =>
  Effect.all(Array.from({ length: count }, () => turn(manager)))

describe("TOK-8: the budget of token requests", () => {
  it.effect(
    "is ten at once, then one per second; beyond it TOKEN_REQUEST_LIMITED at once, with the time of the next",
    () =>
      Effect.gen(function* () {
        const { calls, manager, eventsOf } = yield* testManager()
        yield* turns(manager, 10)
        for (let loops = 0; loops < 50; loops += 1) {
          const error = yield* Effect.flip(manager.get)
          assert.deepStrictEqual(error.reason, { _tag: "TokenRequestLimited", retryAt: 1_000 })
          assert.deepStrictEqual([error.retryable, error.retryAt], [true, 1_000])
          assert.match(error.fix, /1970-01-01T00:00:01.000Z/)
        }
        assert.lengthOf(calls, 10)
        yield* TestClock.adjust(1_000)
        yield* turn(manager)
        assert.strictEqual((yield* Effect.flip(manager.get)).code, "TOKEN_REQUEST_LIMITED")
        assert.lengthOf(calls, 11)
        assert.deepStrictEqual(eventsOf("token-request-limited"), [
          { type: "token-request-limited", at: 0, retryAt: 1_000 }
        ])
      })
  )

  it.effect("is reported by one event per loop, however long the loop is", () =>
    Effect.gen(function* () {
      const { calls, manager, eventsOf } = yield* testManager()
      for (let steps = 0; steps < 600; steps += 1) {
        yield* Effect.ignore(turn(manager))
        yield* TestClock.adjust(100)
      }
      assert.lengthOf(eventsOf("token-request-limited"), 1)
      assert.isAtMost(calls.length, 10 + 60)
      assert.isAtLeast(calls.length, 10 + 55)
      yield* TestClock.adjust("1 minute")
      yield* turns(manager, 10)
      yield* Effect.flip(manager.get)
      assert.lengthOf(eventsOf("token-request-limited"), 2)
    })
  )

  it.effect("counts each retry", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* testManager({ script: () => status(503) })
      const codes: Array<string> = []
      for (let gets = 0; gets < 5; gets += 1) codes.push((yield* Effect.flip(manager.get)).code)
      const [unavailable, exceeded] = ["ISSUER_UNAVAILABLE", "TOKEN_REQUEST_LIMITED"]
      assert.deepStrictEqual(codes, [unavailable, unavailable, unavailable, exceeded, exceeded])
      assert.lengthOf(calls, 10)
    }).pipe(fixedRandom(0))
  )

  it.effect("can be configured", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* testManager({ budget: { burst: 2, perSecond: 0.1 } })
      yield* turns(manager, 2)
      assert.strictEqual((yield* Effect.flip(manager.get)).retryAt, 10_000)
      yield* TestClock.adjust(10_000)
      yield* turn(manager)
      assert.strictEqual((yield* Effect.flip(manager.get)).retryAt, 20_000)
      assert.lengthOf(calls, 3)
    })
  )

  it.effect("may be so small that its next request is never, and its error still prints", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({ budget: { burst: 1, perSecond: 1e-300 } })
      yield* turn(manager)
      const error = yield* Effect.flip(manager.get)
      assert.strictEqual(error.code, "TOKEN_REQUEST_LIMITED")
      assert.match(error.message, /275760/)
    })
  )

  it.effect("does not remove a good token, and is not needed for a cached one", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* testManager({ budget: { burst: 1, perSecond: 0.001 } })
      const token = yield* manager.get
      for (let hits = 0; hits < 100; hits += 1) assert.strictEqual(yield* manager.get, token)
      assert.lengthOf(calls, 1)
    })
  )

  for (const jumpWall of [3_600_000, 86_400_000, -3_600_000, -86_400_000]) {
    it.effect(
      `TOK-9: is not opened by a wall clock that jumps ${jumpWall / 3_600_000} hours, and allows requests by the other clock`,
      () => {
        const time = manualClock()
        return Effect.gen(function* () {
          const { calls, manager } = yield* testManager({ budget: { burst: 2 } })
          yield* turns(manager, 2)
          time.jumpWall(jumpWall)
          for (let loops = 0; loops < 20; loops += 1) {
            assert.strictEqual((yield* Effect.flip(manager.get)).retryAt, time.now().wall + 1_000)
          }
          time.advanceMonotonic(1_000)
          yield* turn(manager)
          assert.lengthOf(calls, 3)
        }).pipe(Effect.provideService(Clock.Clock, time.clock))
      }
    )
  }
})

describe("TOK-8: a server that rejects each token", () => {
  it.effect("causes at most one token request per API request, and no more than the budget in total", () =>
    Effect.gen(function* () {
      const client = yield* testClient({ apiScript: () => status(401) })
      const codes: Array<string> = []
      for (let requests = 0; requests < 40; requests += 1) {
        codes.push((yield* Effect.flip(client.client.request("/x"))).code)
      }
      assert.lengthOf(client.issued, 10)
      assert.deepStrictEqual(
        codes.slice(0, 9),
        Array.from({ length: 9 }, () => "TOKEN_EXPIRED")
      )
      assert.deepStrictEqual(new Set(codes.slice(9)), new Set(["TOKEN_REQUEST_LIMITED"]))
      assert.lengthOf(
        client.events.filter(({ type }) => type === "token-request-limited"),
        1
      )
    })
  )

  it.effect("uses up the budget of one client only: other keys, hosts and processes have their own", () =>
    Effect.gen(function* () {
      const one = yield* testManager({ budget: { burst: 1 } })
      const other = yield* testManager({ budget: { burst: 1 }, source: `${apiKey}-other` })
      yield* turn(one.manager)
      yield* Effect.flip(one.manager.get)
      yield* turn(other.manager)
      assert.lengthOf(other.calls, 1)
    })
  )
})
