import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import type { TokenManager } from "../src/index.ts"
import { dice } from "./support/dice.ts"
import { handClock } from "./support/handClock.ts"
import { status } from "./support/scriptedTransport.ts"
import { testKeep } from "./support/testKeep.ts"
import { apiKey, testManager } from "./support/testManager.ts"

/** Gets a token and refuses it, as a loop does. */
const turn = (manager: TokenManager["Service"]) => Effect.flatMap(manager.get, manager.reject)

const turns = (manager: TokenManager["Service"], count: number) =>
  Effect.all(Array.from({ length: count }, () => turn(manager)))

describe("TOK-8: a budget of issue calls", () => {
  it.effect("is ten at once, then one a second; past it ISSUE_BUDGET_EXCEEDED at once, with the time of the next", () =>
    Effect.gen(function* () {
      const { calls, manager, told } = yield* testManager()
      yield* turns(manager, 10)
      for (let loops = 0; loops < 50; loops += 1) {
        const error = yield* Effect.flip(manager.get)
        assert.deepStrictEqual(error.reason, { _tag: "IssueBudgetExceeded", retryAt: 1_000 })
        assert.deepStrictEqual([error.retryable, error.retryAt], [true, 1_000])
        assert.match(error.fix, /1970-01-01T00:00:01.000Z/)
      }
      assert.lengthOf(calls, 10)
      yield* TestClock.adjust(1_000)
      yield* turn(manager)
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "ISSUE_BUDGET_EXCEEDED")
      assert.lengthOf(calls, 11)
      assert.deepStrictEqual(told("budget-exceeded"), [{ type: "budget-exceeded", at: 0, retryAt: 1_000 }])
    })
  )

  it.effect("is told of once while a loop goes on, however long, and again when there is another one", () =>
    Effect.gen(function* () {
      const { calls, manager, told } = yield* testManager()
      for (let steps = 0; steps < 600; steps += 1) {
        yield* Effect.ignore(turn(manager))
        yield* TestClock.adjust(100)
      }
      assert.lengthOf(told("budget-exceeded"), 1)
      assert.isAtMost(calls.length, 10 + 60)
      assert.isAtLeast(calls.length, 10 + 55)
      yield* TestClock.adjust("1 minute")
      yield* turns(manager, 10)
      yield* Effect.flip(manager.get)
      assert.lengthOf(told("budget-exceeded"), 2)
    })
  )

  it.effect("counts every try", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* testManager({ script: () => status(503) })
      const codes: Array<string> = []
      for (let gets = 0; gets < 5; gets += 1) codes.push((yield* Effect.flip(manager.get)).code)
      const [unavailable, exceeded] = ["ISSUER_UNAVAILABLE", "ISSUE_BUDGET_EXCEEDED"]
      assert.deepStrictEqual(codes, [unavailable, unavailable, unavailable, exceeded, exceeded])
      assert.lengthOf(calls, 10)
    }).pipe(dice(0))
  )

  it.effect("can be another", () =>
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

  it.effect("so small that its next call is never still has an error that can be printed", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager({ budget: { burst: 1, perSecond: 1e-300 } })
      yield* turn(manager)
      const error = yield* Effect.flip(manager.get)
      assert.strictEqual(error.code, "ISSUE_BUDGET_EXCEEDED")
      assert.match(error.message, /275760/)
    })
  )

  it.effect("does not take a good token away, and is not needed on hits", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* testManager({ budget: { burst: 1, perSecond: 0.001 } })
      const token = yield* manager.get
      for (let hits = 0; hits < 100; hits += 1) assert.strictEqual(yield* manager.get, token)
      assert.lengthOf(calls, 1)
    })
  )

  for (const jump of [3_600_000, 86_400_000, -3_600_000, -86_400_000]) {
    it.effect(
      `TOK-9: is not opened by a wall clock that jumps ${jump / 3_600_000} hours, and opens by the other`,
      () => {
        const hands = handClock()
        return Effect.gen(function* () {
          const { calls, manager } = yield* testManager({ budget: { burst: 2 } })
          yield* turns(manager, 2)
          hands.jump(jump)
          for (let loops = 0; loops < 20; loops += 1) {
            assert.strictEqual((yield* Effect.flip(manager.get)).retryAt, hands.now().wall + 1_000)
          }
          hands.passMono(1_000)
          yield* turn(manager)
          assert.lengthOf(calls, 3)
        }).pipe(Effect.provideService(Clock.Clock, hands.clock))
      }
    )
  }
})

describe("TOK-8: a server that refuses every token", () => {
  it.effect("costs each request one issue call at most, and all of them no more than the budget", () =>
    Effect.gen(function* () {
      const keep = yield* testKeep({ answering: () => status(401) })
      const codes: Array<string> = []
      for (let requests = 0; requests < 40; requests += 1) {
        codes.push((yield* Effect.flip(keep.client.request("/x"))).code)
      }
      assert.lengthOf(keep.issued, 10)
      assert.deepStrictEqual(
        codes.slice(0, 9),
        Array.from({ length: 9 }, () => "TOKEN_EXPIRED")
      )
      assert.deepStrictEqual(new Set(codes.slice(9)), new Set(["ISSUE_BUDGET_EXCEEDED"]))
      assert.lengthOf(
        keep.events.filter(({ type }) => type === "budget-exceeded"),
        1
      )
    })
  )

  it.effect("and the budget is of one client: another key, host or process has its own", () =>
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
