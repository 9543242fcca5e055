import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { TokenkeepErrorReason, Verdict } from "../../src/index.ts"
import { fixedRandom } from "../support/fixedRandom.ts"
import { status, type Script } from "../support/scriptedTransport.ts"
import { anything, testApi, type TestApiOptions } from "../support/testApi.ts"
import { settled, until } from "../support/time.ts"

const limited = (resetAt?: number, headers: Record<string, string> = {}): Response =>
  Response.json({ resetAt, limit: 10, remaining: 0 }, { status: 429, headers })

/** Responds to the first requests with 429, then with success. */
const rejecting =
  (...rejections: ReadonlyArray<() => Response>): Script =>
  (_, index) =>
    rejections[index]?.() ?? Response.json(index)

const provider = {
  classify: ({ status: code, text }: { readonly status: number; readonly text: string }): Verdict =>
    code === 429 ? { _tag: "RateLimited", ...(JSON.parse(text) as object) } : { _tag: "Other" }
}

const limitedApi = (rejections: ReadonlyArray<() => Response>, options: TestApiOptions = {}) =>
  testApi({ apiScript: rejecting(...rejections), provider, ...options })

/** When each request was sent; the token was fetched at 0. */
const times = (sent: ReadonlyArray<{ readonly at: number }>) => sent.map(({ at }) => at)

describe("REQ-7: the provider's rates", () => {
  it.effect(
    "are respected: a call that exceeds them waits up to its maxWait, and otherwise fails without being sent",
    () =>
      Effect.gen(function* () {
        const { get, sent } = yield* testApi({ apiScript: () => Response.json(1), rates: { perSecond: 2 } })
        const all = yield* Effect.forkChild(
          Effect.forEach(Array.from({ length: 12 }), () => Effect.result(get(anything)), { concurrency: "unbounded" })
        )
        for (let second = 0; second < 5; second += 1) {
          yield* until("the allowed requests are sent", () => sent.length === 2 * (second + 1))
          yield* settled
          yield* TestClock.adjust(1_100)
        }
        const results = yield* Fiber.join(all)
        assert.deepStrictEqual(times(sent), [0, 0, 1_100, 1_100, 2_200, 2_200, 3_300, 3_300, 4_400, 4_400])
        const errors = results.flatMap((result) => (result._tag === "Failure" ? [result.failure] : []))
        const reason: TokenkeepErrorReason = {
          _tag: "RateLimited",
          retryAt: 5_500,
          limit: 2,
          remaining: 0,
          endpoint: "/things"
        }
        assert.deepStrictEqual(
          errors.map((error) => error.reason),
          [reason, reason]
        )
      })
  )

  it.effect("are not counted with rateLimits: false, and can be replaced by the option", () =>
    Effect.gen(function* () {
      const rates = { perSecond: 1, perMinute: 1 }
      const counts = [
        [false, 50],
        [{ perSecond: Infinity, perMinute: 20 }, 20],
        [{ perSecond: 5, perMinute: 30 }, 5],
        [true, 1],
        [undefined, 1]
      ] as const
      for (const [rateLimits, count] of counts) {
        const { get, sent } = yield* testApi({ apiScript: () => Response.json(1), rates, rateLimits, maxWait: 1 })
        yield* Effect.forEach(Array.from({ length: 50 }), () => Effect.result(get(anything)))
        assert.lengthOf(sent, count)
      }
    })
  )

  it.effect("count a request from the moment that it can be sent, after the wait for its token", () =>
    Effect.gen(function* () {
      const answers: Array<(response: Response) => void> = []
      const { get, sent } = yield* testApi({
        tokenScript: ({ respond }) => void answers.push(respond),
        apiScript: () => Response.json(1),
        rates: { perSecond: 1 }
      })
      const both = [yield* Effect.forkChild(get(anything)), yield* Effect.forkChild(get(anything))]
      yield* until("the token request is sent", () => answers.length === 1)
      yield* TestClock.adjust(900)
      answers[0]?.(Response.json({ token: "token-1" }))
      yield* until("the first request is sent", () => sent.length === 1)
      yield* settled
      yield* TestClock.adjust(1_100)
      yield* Fiber.joinAll(both)
      assert.deepStrictEqual(times(sent), [900, 2_000])
    })
  )

  it.effect("count no call that fails because there is no token", () =>
    Effect.gen(function* () {
      const tokenScript: Script = (_, index) => (index === 0 ? status(401) : Response.json({ token: "token-2" }))
      const { get, manager, sent } = yield* testApi({
        tokenScript,
        apiScript: () => Response.json(1),
        rates: { perSecond: 1 }
      })
      assert.strictEqual((yield* Effect.flip(get(anything))).code, "API_KEY_REJECTED")
      manager.retryKey()
      yield* get(anything)
      assert.deepStrictEqual(times(sent), [0])
    })
  )

  it.effect("RUN-2: a call that waits for its turn fails when the client is disposed", () =>
    Effect.gen(function* () {
      const { dispose, get, sent } = yield* testApi({ apiScript: () => Response.json(1), rates: { perSecond: 1 } })
      yield* get(anything)
      const waiting = yield* Effect.forkChild(Effect.flip(get(anything)))
      yield* settled
      yield* dispose
      assert.strictEqual((yield* Fiber.join(waiting)).code, "DISPOSED")
      assert.lengthOf(sent, 1)
    })
  )
})

describe("REQ-7: after a 429, a request is repeated once", () => {
  const waits: ReadonlyArray<readonly [what: string, refusal: () => Response, wait: number]> = [
    ["at the reset in the body", () => limited(4_000), 4_000],
    ["after Retry-After in seconds", () => limited(undefined, { "retry-after": "3" }), 3_000],
    ["at the date of Retry-After", () => limited(undefined, { "retry-after": "Thu, 01 Jan 1970 00:00:02 GMT" }), 2_000],
    ["at the later of the two", () => limited(4_000, { "retry-after": "2" }), 4_000],
    ["after one second if the response gives no time", () => limited(), 1_000],
    ["after one second if the value is malformed", () => limited(undefined, { "retry-after": "soon" }), 1_000],
    ["after a pause, if the reset is in the past", () => limited(-5), 200],
    ["after a pause, if Retry-After is 0", () => limited(undefined, { "retry-after": "0" }), 200]
  ]
  for (const [when, refusal, wait] of waits) {
    it.effect(when, () =>
      Effect.gen(function* () {
        const { get, sent } = yield* limitedApi([refusal])
        const request = yield* Effect.forkChild(get(anything))
        yield* until("the request is sent", () => sent.length === 1)
        yield* settled
        yield* TestClock.adjust(wait - 1)
        yield* settled
        assert.lengthOf(sent, 1)
        yield* TestClock.adjust(1)
        assert.strictEqual(yield* Fiber.join(request), 1)
        assert.deepStrictEqual(times(sent), [0, wait])
      }).pipe(fixedRandom(0))
    )
  }

  it.effect("up to a tenth later at random, never earlier", () =>
    Effect.gen(function* () {
      const { get, sent } = yield* limitedApi([() => limited(4_000)])
      const request = yield* Effect.forkChild(get(anything))
      yield* until("the request is sent", () => sent.length === 1)
      yield* settled
      yield* TestClock.adjust(4_400)
      assert.strictEqual(yield* Fiber.join(request), 1)
      assert.deepStrictEqual(times(sent), [0, 4_400])
    }).pipe(fixedRandom(1))
  )

  it.effect("and a second 429 is RATE_LIMITED, with the server's numbers and the name of the endpoint", () =>
    Effect.gen(function* () {
      const { get, sent } = yield* limitedApi([() => limited(1_000), () => limited(3_000), () => limited(9_000)])
      const request = yield* Effect.forkChild(Effect.flip(get({ ...anything, path: "/things/7" })))
      yield* until("the request is sent", () => sent.length === 1)
      yield* settled
      yield* TestClock.adjust(1_000)
      const error = yield* Fiber.join(request)
      const numbers = { retryAt: 3_000, limit: 10, remaining: 0, endpoint: "/things" }
      assert.deepStrictEqual(error.reason, { _tag: "RateLimited", ...numbers })
      assert.deepStrictEqual(times(sent), [0, 1_000])
    }).pipe(fixedRandom(0))
  )

  for (const [what, refusal, retryAt] of [
    ["a minute", () => limited(60_000), 60_000],
    ["hostile", () => limited(1e300, { "retry-after": "999999999999" }), 86_400_000]
  ] as const) {
    it.effect(`but not if the wait exceeds the maxWait: ${what}`, () =>
      Effect.gen(function* () {
        const { get, sent } = yield* limitedApi([refusal])
        const error = yield* Effect.flip(get(anything))
        assert.strictEqual(error.retryAt, retryAt)
        assert.deepStrictEqual(times(sent), [0])
        // Other calls are not sent either, for at most a minute: the value may be wrong.
        const early = yield* Effect.flip(get(anything))
        assert.include(early.message, "was not sent")
        assert.strictEqual(early.retryAt, 60_000)
        yield* TestClock.adjust(60_000)
        assert.strictEqual(yield* get(anything), 1)
      }).pipe(fixedRandom(0))
    )
  }

  it.effect("nor if both waits together exceed it: there is one maxWait for a call", () =>
    Effect.gen(function* () {
      const { get, sent } = yield* limitedApi([() => Response.json(0), () => limited(5_001)], {
        rates: { perSecond: 1 }
      })
      yield* get(anything)
      const request = yield* Effect.forkChild(Effect.flip(get(anything)))
      yield* settled
      yield* TestClock.adjust(1_100)
      assert.strictEqual((yield* Fiber.join(request)).retryAt, 5_001)
      assert.deepStrictEqual(times(sent), [0, 1_100])
    }).pipe(fixedRandom(0))
  )

  it.effect("and the time that it waited before the 429 counts towards its maxWait", () =>
    Effect.gen(function* () {
      const { get, sent } = yield* limitedApi([() => limited(3_000)], { rates: { perSecond: 1 } })
      const first = yield* Effect.forkChild(Effect.flip(get(anything)))
      yield* until("the request gets a 429", () => sent.length === 1)
      yield* settled
      // Two calls fit within its maxWait.
      const others = [yield* Effect.forkChild(get(anything)), yield* Effect.forkChild(get(anything))]
      yield* settled
      yield* TestClock.adjust(3_000)
      yield* settled
      assert.strictEqual((yield* Fiber.join(first)).retryAt, 5_200)
      yield* TestClock.adjust(1_100)
      yield* Fiber.joinAll(others)
      assert.deepStrictEqual(times(sent), [0, 3_000, 4_100])
    }).pipe(fixedRandom(0))
  )

  it.effect("unless the caller aborts meanwhile", () =>
    Effect.gen(function* () {
      const { get, sent } = yield* limitedApi([() => limited(4_000)])
      const request = yield* Effect.forkChild(get(anything))
      yield* until("the request is sent", () => sent.length === 1)
      yield* settled
      yield* Fiber.interrupt(request)
      yield* TestClock.adjust(10_000)
      yield* settled
      assert.lengthOf(sent, 1)
    })
  )
})

describe("REQ-7: a long maxWait", () => {
  it.effect("waits for a day if the server demands it, and an event shows the wait while it lasts", () =>
    Effect.gen(function* () {
      const day = () => limited(undefined, { "retry-after": "86400" })
      const { events, get, sent } = yield* limitedApi([day], { maxWait: "1 day" })
      const request = yield* Effect.forkChild(get(anything))
      yield* until("the request is sent", () => sent.length === 1)
      yield* settled
      assert.deepStrictEqual(
        events.filter(({ type }) => type === "rate-limit-waiting"),
        [{ type: "rate-limit-waiting", at: 0, endpoint: "/things", until: 86_400_000 }]
      )
      yield* TestClock.adjust("1 day")
      assert.strictEqual(yield* Fiber.join(request), 1)
    }).pipe(fixedRandom(0))
  )
})

describe("KEY-2: a rate limit of the token endpoint", () => {
  const tokenScript: Script = (_, index) =>
    index === 0 ? Response.json({ resetAt: 60_000 }, { status: 429 }) : Response.json({ token: "token-2" })

  it.effect("is reported at once, and blocks no API endpoint", () =>
    Effect.gen(function* () {
      const { get, issued, sent } = yield* testApi({ tokenScript, apiScript: () => Response.json(7) })
      const error = yield* Effect.flip(get(anything))
      assert.deepInclude(error.reason, { _tag: "RateLimited", endpoint: "the token endpoint", retryAt: 60_000 })
      assert.deepStrictEqual([issued, times(sent)], [[0], []])
      yield* TestClock.adjust(60_000)
      assert.strictEqual(yield* get(anything), 7)
    })
  )

  it.effect("is not waited for again after the tries of the token request are used up", () =>
    Effect.gen(function* () {
      const briefly: Script = (_, index) =>
        index < 3 ? status(429, { headers: { "retry-after": "1" } }) : Response.json({ token: "token-4" })
      const { get, issued, sent } = yield* testApi({ tokenScript: briefly, apiScript: () => Response.json(7) })
      const request = yield* Effect.forkChild(Effect.result(get(anything)))
      for (const tries of [1, 2, 3]) {
        yield* until("the token request is sent", () => issued.length === tries)
        yield* settled
        yield* TestClock.adjust(1_000)
      }
      const result = yield* Fiber.join(request)
      assert.strictEqual(result._tag === "Failure" ? result.failure.code : "sent", "RATE_LIMITED")
      assert.deepStrictEqual([issued.length, times(sent)], [3, []])
    }).pipe(fixedRandom(0))
  )
})

it.effect("a 429 that the provider does not classify is API_ERROR", () =>
  Effect.gen(function* () {
    const { get } = yield* testApi({ apiScript: () => status(429) })
    const error = yield* Effect.flip(get(anything))
    assert.deepStrictEqual([error.code, error.retryable], ["API_ERROR", true])
  })
)
