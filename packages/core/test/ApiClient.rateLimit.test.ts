import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { AuthErrorReason, Verdict } from "../src/index.ts"
import { dice } from "./support/dice.ts"
import { status, type Script } from "./support/scriptedTransport.ts"
import { anything, testApi, type TestApiOptions } from "./support/testApi.ts"
import { settled, until } from "./support/turns.ts"

const patiently = { ...anything, patient: true }

const refused = (resetAt?: number, headers: Record<string, string> = {}): Response =>
  Response.json({ resetAt, limit: 10, remaining: 0 }, { status: 429, headers })

/** Refuses the first requests so, and answers the ones after them. */
const refusing =
  (...refusals: ReadonlyArray<() => Response>): Script =>
  (_, index) =>
    refusals[index]?.() ?? Response.json(index)

const provider = {
  classify: ({ status: code, text }: { readonly status: number; readonly text: string }): Verdict =>
    code === 429 ? { _tag: "RateLimited", ...(JSON.parse(text) as object) } : { _tag: "Other" }
}

const refusedApi = (refusals: ReadonlyArray<() => Response>, options: TestApiOptions = {}) =>
  testApi({ answering: refusing(...refusals), provider, ...options })

/** When each request left; the first comes after the clock's zero, where the token was had. */
const times = (sent: ReadonlyArray<{ readonly at: number }>) => sent.map(({ at }) => at)

describe("REQ-7: the provider's rates", () => {
  it.effect("are kept: what does not fit waits within its patience, and the rest fails without being sent", () =>
    Effect.gen(function* () {
      const { get, sent } = yield* testApi({ answering: () => Response.json(1), rates: { perSecond: 2 } })
      const all = yield* Effect.forkChild(
        Effect.forEach(Array.from({ length: 12 }), () => Effect.result(get(anything)), { concurrency: "unbounded" })
      )
      for (let second = 0; second < 5; second += 1) {
        yield* until("those whose turn it is are sent", () => sent.length === 2 * (second + 1))
        yield* settled
        yield* TestClock.adjust(1_100)
      }
      const results = yield* Fiber.join(all)
      assert.deepStrictEqual(times(sent), [0, 0, 1_100, 1_100, 2_200, 2_200, 3_300, 3_300, 4_400, 4_400])
      const errors = results.flatMap((result) => (result._tag === "Failure" ? [result.failure] : []))
      const reason: AuthErrorReason = {
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

  it.effect("are not counted with rateLimits: false, and are one's own where the option says so", () =>
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
        const { get, sent } = yield* testApi({ answering: () => Response.json(1), rates, rateLimits, patience: 1 })
        yield* Effect.forEach(Array.from({ length: 50 }), () => Effect.result(get(anything)))
        assert.lengthOf(sent, count)
      }
    })
  )

  it.effect("count a request from when it can be sent: the wait for a token comes before", () =>
    Effect.gen(function* () {
      const answers: Array<(response: Response) => void> = []
      const { get, sent } = yield* testApi({
        issuing: ({ answer }) => void answers.push(answer),
        answering: () => Response.json(1),
        rates: { perSecond: 1 }
      })
      const both = [yield* Effect.forkChild(get(anything)), yield* Effect.forkChild(get(anything))]
      yield* until("the token is asked for", () => answers.length === 1)
      yield* TestClock.adjust(900)
      answers[0]?.(Response.json({ token: "token-1" }))
      yield* until("the first is sent", () => sent.length === 1)
      yield* settled
      yield* TestClock.adjust(1_100)
      yield* Fiber.joinAll(both)
      assert.deepStrictEqual(times(sent), [900, 2_000])
    })
  )

  it.effect("and take no place from anybody for a call without a token", () =>
    Effect.gen(function* () {
      const issuing: Script = (_, index) => (index === 0 ? status(401) : Response.json({ token: "token-2" }))
      const { get, manager, sent } = yield* testApi({
        issuing,
        answering: () => Response.json(1),
        rates: { perSecond: 1 }
      })
      assert.strictEqual((yield* Effect.flip(get(anything))).code, "API_KEY_REJECTED")
      manager.retryKey()
      yield* get(anything)
      assert.deepStrictEqual(times(sent), [0])
    })
  )

  it.effect("RUN-2: whoever waits for a turn hears of the client's end", () =>
    Effect.gen(function* () {
      const { dispose, get, sent } = yield* testApi({ answering: () => Response.json(1), rates: { perSecond: 1 } })
      yield* get(anything)
      const waiting = yield* Effect.forkChild(Effect.flip(get(patiently)))
      yield* settled
      yield* dispose
      assert.strictEqual((yield* Fiber.join(waiting)).code, "DISPOSED")
      assert.lengthOf(sent, 1)
    })
  )
})

describe("REQ-7: a 429 is repeated once", () => {
  const waits: ReadonlyArray<readonly [what: string, refusal: () => Response, wait: number]> = [
    ["at the body's reset", () => refused(4_000), 4_000],
    ["after Retry-After in seconds", () => refused(undefined, { "retry-after": "3" }), 3_000],
    ["at Retry-After's date", () => refused(undefined, { "retry-after": "Thu, 01 Jan 1970 00:00:02 GMT" }), 2_000],
    ["at the later of the two", () => refused(4_000, { "retry-after": "2" }), 4_000],
    ["after a second where nothing is told", () => refused(), 1_000],
    ["after a second where it is nonsense", () => refused(undefined, { "retry-after": "soon" }), 1_000],
    ["never at once, when the reset is past", () => refused(-5), 200],
    ["never at once, when it says no seconds", () => refused(undefined, { "retry-after": "0" }), 200]
  ]
  for (const [when, refusal, wait] of waits) {
    it.effect(when, () =>
      Effect.gen(function* () {
        const { get, sent } = yield* refusedApi([refusal])
        const asking = yield* Effect.forkChild(get(anything))
        yield* until("the request is sent", () => sent.length === 1)
        yield* settled
        yield* TestClock.adjust(wait - 1)
        yield* settled
        assert.lengthOf(sent, 1)
        yield* TestClock.adjust(1)
        assert.strictEqual(yield* Fiber.join(asking), 1)
        assert.deepStrictEqual(times(sent), [0, wait])
      }).pipe(dice(0))
    )
  }

  it.effect("a tenth later by chance at most, never earlier", () =>
    Effect.gen(function* () {
      const { get, sent } = yield* refusedApi([() => refused(4_000)])
      const asking = yield* Effect.forkChild(get(anything))
      yield* until("the request is sent", () => sent.length === 1)
      yield* settled
      yield* TestClock.adjust(4_400)
      assert.strictEqual(yield* Fiber.join(asking), 1)
      assert.deepStrictEqual(times(sent), [0, 4_400])
    }).pipe(dice(1))
  )

  it.effect("and a second 429 is RATE_LIMITED, with the server's numbers and the endpoint's name", () =>
    Effect.gen(function* () {
      const { get, sent } = yield* refusedApi([() => refused(1_000), () => refused(3_000), () => refused(9_000)])
      const asking = yield* Effect.forkChild(Effect.flip(get({ ...anything, path: "/things/7" })))
      yield* until("the request is sent", () => sent.length === 1)
      yield* settled
      yield* TestClock.adjust(1_000)
      const error = yield* Fiber.join(asking)
      const numbers = { retryAt: 3_000, limit: 10, remaining: 0, endpoint: "/things" }
      assert.deepStrictEqual(error.reason, { _tag: "RateLimited", ...numbers })
      assert.deepStrictEqual(times(sent), [0, 1_000])
    }).pipe(dice(0))
  )

  for (const [what, refusal, retryAt] of [
    ["a minute", () => refused(60_000), 60_000],
    ["hostile", () => refused(1e300, { "retry-after": "999999999999" }), 86_400_000]
  ] as const) {
    it.effect(`but not where that is beyond the patience: ${what}`, () =>
      Effect.gen(function* () {
        const { get, sent } = yield* refusedApi([refusal])
        const error = yield* Effect.flip(get(anything))
        assert.strictEqual(error.retryAt, retryAt)
        assert.deepStrictEqual(times(sent), [0])
        // And the others do not ask either, for a minute at most: what was told may be nonsense.
        const early = yield* Effect.flip(get(anything))
        assert.include(early.message, "was not sent")
        assert.strictEqual(early.retryAt, 60_000)
        yield* TestClock.adjust(60_000)
        assert.strictEqual(yield* get(anything), 1)
      }).pipe(dice(0))
    )
  }

  it.effect("nor where the two waits together are: the patience is one", () =>
    Effect.gen(function* () {
      const { get, sent } = yield* refusedApi([() => Response.json(0), () => refused(5_001)], {
        rates: { perSecond: 1 }
      })
      yield* get(anything)
      const asking = yield* Effect.forkChild(Effect.flip(get(anything)))
      yield* settled
      yield* TestClock.adjust(1_100)
      assert.strictEqual((yield* Fiber.join(asking)).retryAt, 5_001)
      assert.deepStrictEqual(times(sent), [0, 1_100])
    }).pipe(dice(0))
  )

  it.effect("nor is there new patience after a refusal: what the wait for it took is gone", () =>
    Effect.gen(function* () {
      const { get, sent } = yield* refusedApi([() => refused(3_000)], { rates: { perSecond: 1 } })
      const first = yield* Effect.forkChild(Effect.flip(get(anything)))
      yield* until("the request is refused", () => sent.length === 1)
      yield* settled
      // They get the two places that there are within its patience.
      const others = [yield* Effect.forkChild(get(anything)), yield* Effect.forkChild(get(anything))]
      yield* settled
      yield* TestClock.adjust(3_000)
      yield* settled
      assert.strictEqual((yield* Fiber.join(first)).retryAt, 5_200)
      yield* TestClock.adjust(1_100)
      yield* Fiber.joinAll(others)
      assert.deepStrictEqual(times(sent), [0, 3_000, 4_100])
    }).pipe(dice(0))
  )

  it.effect("a caller who leaves meanwhile ends it", () =>
    Effect.gen(function* () {
      const { get, sent } = yield* refusedApi([() => refused(4_000)])
      const asking = yield* Effect.forkChild(get(anything))
      yield* until("the request is sent", () => sent.length === 1)
      yield* settled
      yield* Fiber.interrupt(asking)
      yield* TestClock.adjust(10_000)
      yield* settled
      assert.lengthOf(sent, 1)
    })
  )
})

describe("REQ-7: a patient call", () => {
  it.effect("waits for a day if it is told so, and is refused five times before it gives up", () =>
    Effect.gen(function* () {
      const day = () => refused(undefined, { "retry-after": "86400" })
      const { get, sent } = yield* refusedApi([day, day, day, day, day, day, day])
      const asking = yield* Effect.forkChild(Effect.flip(get(patiently)))
      for (let days = 0; days <= 5; days += 1) {
        yield* until("the request is sent", () => sent.length === days + 1)
        yield* settled
        yield* TestClock.adjust("1 day")
      }
      assert.strictEqual((yield* Fiber.join(asking)).retryAt, 6 * 86_400_000)
      assert.lengthOf(sent, 6)
    }).pipe(dice(0))
  )

  it.effect("goes on where it was not refused again", () =>
    Effect.gen(function* () {
      const { get, sent } = yield* refusedApi([() => refused(20_000), () => refused(70_000)])
      const asking = yield* Effect.forkChild(get(patiently))
      for (const at of [20_000, 50_000]) {
        yield* until("the request is sent", () => sent.length === (at === 20_000 ? 1 : 2))
        yield* settled
        yield* TestClock.adjust(at)
      }
      assert.strictEqual(yield* Fiber.join(asking), 2)
      assert.deepStrictEqual(times(sent), [0, 20_000, 70_000])
    }).pipe(dice(0))
  )
})

describe("KEY-2: the issuer's own limit", () => {
  const issuing: Script = (_, index) =>
    index === 0 ? Response.json({ resetAt: 60_000 }, { status: 429 }) : Response.json({ token: "token-2" })

  it.effect("is told at once, and closes no endpoint", () =>
    Effect.gen(function* () {
      const { get, issued, sent } = yield* testApi({ issuing, answering: () => Response.json(7) })
      const error = yield* Effect.flip(get(anything))
      assert.deepInclude(error.reason, { _tag: "RateLimited", endpoint: "the issue endpoint", retryAt: 60_000 })
      assert.deepStrictEqual([issued, times(sent)], [[0], []])
      yield* TestClock.adjust(60_000)
      assert.strictEqual(yield* get(anything), 7)
    })
  )

  it.effect("is not waited for again, when the issuer's own tries are used up", () =>
    Effect.gen(function* () {
      const briefly: Script = (_, index) =>
        index < 3 ? status(429, { headers: { "retry-after": "1" } }) : Response.json({ token: "token-4" })
      const { get, issued, sent } = yield* testApi({ issuing: briefly, answering: () => Response.json(7) })
      const asking = yield* Effect.forkChild(Effect.result(get(anything)))
      for (const tries of [1, 2, 3]) {
        yield* until("the issuer is asked", () => issued.length === tries)
        yield* settled
        yield* TestClock.adjust(1_000)
      }
      const result = yield* Fiber.join(asking)
      assert.strictEqual(result._tag === "Failure" ? result.failure.code : "sent", "RATE_LIMITED")
      assert.deepStrictEqual([issued.length, times(sent)], [3, []])
    }).pipe(dice(0))
  )

  it.effect("is waited for by a patient call", () =>
    Effect.gen(function* () {
      const { get, issued, sent } = yield* testApi({ issuing, answering: () => Response.json(7) })
      const asking = yield* Effect.forkChild(get(patiently))
      yield* until("the issuer has refused", () => issued.length === 1)
      yield* settled
      yield* TestClock.adjust(60_000)
      assert.strictEqual(yield* Fiber.join(asking), 7)
      assert.deepStrictEqual(times(sent), [60_000])
    }).pipe(dice(0))
  )
})

it.effect("a limit that the provider does not know is API_ERROR", () =>
  Effect.gen(function* () {
    const { get } = yield* testApi({ answering: () => status(429) })
    const error = yield* Effect.flip(get(anything))
    assert.deepStrictEqual([error.code, error.retryable], ["API_ERROR", true])
  })
)
