import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { fixedRandom } from "../support/fixedRandom.ts"
import { status, tokenResponse, type Script } from "../support/scriptedTransport.ts"
import { apiKey, testManager, type TestManagerOptions } from "../support/testManager.ts"
import { settled, until } from "../support/time.ts"

interface Limit {
  readonly retryAfter?: string
  readonly body?: object
}

const limited = ({ body = {}, retryAfter }: Limit = {}): Response =>
  Response.json(
    { limit: 10, remaining: 0, ...body },
    { status: 429, headers: retryAfter === undefined ? {} : { "retry-after": retryAfter } }
  )

/** Responds to the first token requests with 429, then with a token. */
const limiting =
  (...limits: ReadonlyArray<Limit>): Script =>
  (_, index) => {
    const limit = limits[index]
    return limit === undefined ? tokenResponse(`token-${index + 1}`) : limited(limit)
  }

/** A caller that waits for the end of the issuer's rate limit. */
const waiting = Effect.fnUntraced(function* (options: TestManagerOptions) {
  const test = yield* testManager(options)
  const caller = yield* Effect.forkChild(Effect.result(test.manager.get))
  yield* until("the token request is sent", () => test.calls.length === 1)
  yield* settled
  /** Checks that the caller gets nothing before this many milliseconds, and something after them. */
  const after = Effect.fnUntraced(function* (millis: number) {
    const sent = test.calls.length
    yield* TestClock.adjust(millis - 1)
    yield* settled
    assert.deepStrictEqual([test.calls.length, caller.pollUnsafe()], [sent, undefined])
    yield* TestClock.adjust(1)
    yield* settled
  })
  return { ...test, caller, after, outcome: Effect.flatMap(Fiber.join(caller), Effect.fromResult) }
})

describe("TOK-10: a 429 within maxWait is waited for", () => {
  const waits: ReadonlyArray<readonly [what: string, limit: Limit, wait: number]> = [
    ["the reset in the body", { body: { resetAt: 4_000 } }, 4_000],
    ["Retry-After in seconds", { retryAfter: "3" }, 3_000],
    ["Retry-After as a date", { retryAfter: "Thu, 01 Jan 1970 00:00:02 GMT" }, 2_000],
    ["the later of the two", { retryAfter: "2", body: { resetAt: 4_000 } }, 4_000],
    ["no value: one second", {}, 1_000],
    ["an implausible value: one second", { retryAfter: "99999999999999999999" }, 1_000],
    ["a reset that is not a number: one second", { body: { resetAt: null } }, 1_000],
    ["a reset in the past: the usual pause", { body: { resetAt: -5 } }, 100],
    ["zero seconds: the usual pause", { retryAfter: "0" }, 100]
  ]
  for (const [what, limit, wait] of waits) {
    it.effect(`as given by ${what}`, () =>
      Effect.gen(function* () {
        const { after, outcome, types } = yield* waiting({ script: limiting(limit) })
        yield* after(wait)
        assert.strictEqual((yield* outcome).reveal(), "token-2")
        assert.deepStrictEqual(types(), ["renewal-started", "issued"])
      }).pipe(fixedRandom(0))
    )
  }

  it.effect("and a little longer at random, never shorter", () =>
    Effect.gen(function* () {
      const { after, outcome } = yield* waiting({ script: limiting({ retryAfter: "3" }) })
      yield* after(3_300)
      assert.strictEqual((yield* outcome).reveal(), "token-2")
    }).pipe(fixedRandom(1))
  )

  it.effect("as often as there are tries, each counted by the budget", () =>
    Effect.gen(function* () {
      const one = { retryAfter: "1" }
      const { after, calls, outcome } = yield* waiting({ script: limiting(one, one, one) })
      yield* after(1_000)
      yield* after(1_000)
      assert.strictEqual((yield* Effect.flip(outcome)).code, "RATE_LIMITED")
      assert.lengthOf(calls, 3)
      const poor = yield* waiting({ script: limiting(one, one), budget: { burst: 1, perSecond: 0.01 } })
      yield* poor.after(1_000)
      assert.strictEqual((yield* Effect.flip(poor.outcome)).code, "TOKEN_REQUEST_LIMITED")
      assert.lengthOf(poor.calls, 1)
    }).pipe(fixedRandom(0))
  )

  it.effect("once for all callers: a caller that arrives meanwhile sends nothing", () =>
    Effect.gen(function* () {
      const { after, calls, manager, outcome } = yield* waiting({ script: limiting({ retryAfter: "3" }) })
      const late = yield* Effect.forkChild(manager.get)
      yield* after(3_000)
      assert.strictEqual(yield* Fiber.join(late), yield* outcome)
      assert.lengthOf(calls, 2)
    }).pipe(fixedRandom(0))
  )
})

describe("TOK-10: a 429 beyond maxWait or deadline is RATE_LIMITED at once", () => {
  const beyond: ReadonlyArray<readonly [what: string, options: TestManagerOptions, limit: Limit, retryAt: number]> = [
    ["the maxWait of 5 s", {}, { retryAfter: "6" }, 6_000],
    ["a maxWait of one second", { maxWait: "1 second" }, { retryAfter: "2" }, 2_000],
    ["the deadline of 10 s", { maxWait: "1 hour" }, { retryAfter: "10" }, 10_000],
    ["a deadline of 2 s", { tokenRequest: { deadline: "2 seconds" } }, { retryAfter: "3" }, 3_000],
    ["any wait, with an infinite value", {}, { retryAfter: "999999999" }, 86_400_000],
    ["any wait, with an infinite reset", { maxWait: "30 days" }, { body: { resetAt: Number.MAX_VALUE } }, 86_400_000],
    ["all tries", { tokenRequest: { tries: 1 } }, { retryAfter: "1" }, 1_000]
  ]
  for (const [what, options, limit, retryAt] of beyond) {
    it.effect(`beyond ${what}`, () =>
      Effect.gen(function* () {
        const { calls, manager, types } = yield* testManager({ ...options, script: limiting(limit) })
        const error = yield* Effect.flip(manager.get)
        const endpoint = "the token endpoint"
        assert.deepStrictEqual(error.reason, { _tag: "RateLimited", retryAt, limit: 10, remaining: 0, endpoint })
        assert.deepStrictEqual([error.retryAt, error.retryable, calls.length], [retryAt, true, 1])
        assert.deepStrictEqual(types(), ["renewal-started", "renewal-failed"])
      }).pipe(fixedRandom(0))
    )
  }

  it.effect("also if earlier waits used the deadline up", () =>
    Effect.gen(function* () {
      const four = { retryAfter: "4" }
      const { after, calls, outcome } = yield* waiting({
        script: limiting(four, four, four),
        tokenRequest: { tries: 9 }
      })
      yield* after(4_000)
      yield* after(4_000)
      const error = yield* Effect.flip(outcome)
      assert.deepStrictEqual([error.code, error.retryAt, calls.length], ["RATE_LIMITED", 12_000, 3])
    }).pipe(fixedRandom(0))
  )

  it.effect("KEY-2: and is active until then: no request, no event, the same error", () =>
    Effect.gen(function* () {
      const { calls, manager, types } = yield* testManager({ script: limiting({ retryAfter: "60" }) })
      const error = yield* Effect.flip(manager.get)
      yield* TestClock.adjust(59_999)
      for (let callers = 0; callers < 20; callers += 1) assert.strictEqual(yield* Effect.flip(manager.get), error)
      assert.deepStrictEqual([calls.length, types().length], [1, 2])
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* manager.get).reveal(), "token-2")
    })
  )

  it.effect("KEY-2: for this key only: a changed key is sent at once, and retryKey allows the same one", () =>
    Effect.gen(function* () {
      let key = apiKey
      const script: Script = ({ authorization }) =>
        authorization === `Bearer ${apiKey}` ? limited({ retryAfter: "60" }) : tokenResponse("token-2")
      const { calls, manager } = yield* testManager({ script, source: () => key })
      yield* Effect.flip(manager.get)
      manager.retryKey()
      yield* Effect.flip(manager.get)
      assert.lengthOf(calls, 2)
      key = `${apiKey}-other`
      assert.strictEqual((yield* manager.get).reveal(), "token-2")
    })
  )

  it.effect("TOK-7: is the failure of all waiting callers", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* testManager({ script: limiting({ retryAfter: "60" }) })
      const errors = yield* Effect.all(
        Array.from({ length: 10 }, () => Effect.flip(manager.get)),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual([new Set(errors).size, calls.length], [1, 1])
    })
  )
})

describe("TOK-10: a 5xx after a 429 is retried as usual", () => {
  it.effect("within the same number of tries", () =>
    Effect.gen(function* () {
      const script: Script = (call, index) => (index === 1 ? status(503) : limiting({ retryAfter: "1" })(call, index))
      const { after, calls, outcome } = yield* waiting({ script })
      yield* after(1_000)
      assert.strictEqual((yield* outcome).reveal(), "token-3")
      assert.lengthOf(calls, 3)
    }).pipe(fixedRandom(0))
  )
})
