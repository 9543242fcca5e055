import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import {
  backOffOf,
  isPlausible,
  type LifetimeHints,
  lifetimeOf,
  renewalSettings,
  type RenewalSettings,
  windowOf
} from "../../src/lifecycle/RenewalPolicy.ts"
import { implausible, anyLifetime, anyNumber } from "../support/implausible.ts"
import { runs } from "../support/seed.ts"

const day = 86_400_000
const hint = fc.option(anyNumber, { nil: undefined })
const hints = fc.record({ declared: hint, jwt: hint, observed: hint, assumed: hint })
const anyJitter = fc.double({ min: -1, max: 1, noNaN: true })
const part = fc.double({ min: 0, max: 1, noNaN: true })

const settings: fc.Arbitrary<RenewalSettings> = fc
  .record({
    maxWindow: fc.double({ min: 0.001, max: 1e12, noNaN: true }),
    share: fc.option(fc.double({ min: 0.001, max: 1, noNaN: true }), { nil: undefined }),
    jitter: fc.double({ min: 0, max: 0.999, noNaN: true })
  })
  .map(({ jitter, maxWindow, share }) => ({
    window: share === undefined ? undefined : maxWindow * share,
    maxWindow,
    jitter,
    assumedLifetime: undefined
  }))

describe("TOK-9: a plausible lifetime", () => {
  it("is between one second and ten years", () => {
    for (const life of [1_000, 1_000.5, 900_000, 2 ** 31, day, 3_650 * day]) assert.isTrue(isPlausible(life))
    const unreasonable = [undefined, NaN, Infinity, -Infinity, 0, -0, -900_000, 0.9, 900, 999.999, 2 ** 53, 4_000 * day]
    for (const life of unreasonable) assert.isFalse(isPlausible(life), String(life))
  })

  it("is a number, whatever a provider read from JSON", () => {
    for (const life of ["60000", "1e5", [60_000], { valueOf: () => 60_000 }, true, null, 60_000n]) {
      assert.isFalse(isPlausible(life as unknown as number))
      assert.deepStrictEqual(lifetimeOf({ declared: life as unknown as number }), { source: "unknown" })
    }
  })
})

describe("TOK-6: the source of a lifetime", () => {
  const order = ["declared", "jwt", "observed", "assumed"] as const

  it("is the first of declared, jwt, observed and assumed, else unknown", () => {
    for (let known = 0; known < 2 ** order.length; known += 1) {
      const given: LifetimeHints = Object.fromEntries(
        order.flatMap((source, index) => ((known >> index) & 1 ? [[source, (index + 1) * 60_000]] : []))
      )
      const first = order.findIndex((_, index) => (known >> index) & 1)
      const expected =
        first < 0 ? { source: "unknown" as const } : { source: order[first]!, lifetime: (first + 1) * 60_000 }
      assert.deepStrictEqual(lifetimeOf(given), expected)
    }
  })

  it("is never an implausible one", () => {
    for (const declared of implausible.filter((life) => !(life >= 1_000 && life < 4_000 * day))) {
      assert.deepStrictEqual(lifetimeOf({ declared, observed: 60_000 }), { source: "observed", lifetime: 60_000 })
    }
  })

  it("is plausible for every combination of hints", () => {
    fc.assert(
      fc.property(hints, (given) => {
        const { lifetime, source } = lifetimeOf(given)
        if (lifetime === undefined) return source === "unknown"
        return lifetime >= 1_000 && lifetime <= 3_660 * day && source !== "unknown" && given[source] === lifetime
      }),
      runs(5_000)
    )
  })
})

describe("TOK-5: the window before a token expires", () => {
  it("is a fifth of the lifetime, at most 10 minutes and at most half the lifetime", () => {
    const usual = { ...renewalSettings(), jitter: 0 }
    assert.strictEqual(windowOf(900_000, usual, 0), 180_000)
    assert.strictEqual(windowOf(2_000, usual, 0), 400)
    assert.strictEqual(windowOf(30 * day, usual, 0), 600_000)
    const fixed = { ...usual, window: 120_000 }
    assert.strictEqual(windowOf(900_000, fixed, 0), 120_000)
    assert.strictEqual(windowOf(60_000, fixed, 0), 30_000)
  })

  it("is shifted by up to a tenth in either direction by the process's jitter", () => {
    const usual = renewalSettings()
    assert.strictEqual(windowOf(900_000, usual, -1), 162_000)
    assert.closeTo(windowOf(900_000, usual, 1), 198_000, 1e-6)
    assert.strictEqual(windowOf(900_000, { ...usual, jitter: 0 }, 1), 180_000)
  })

  it("is above zero, at most half the lifetime, and at most the longest window with its jitter", () => {
    fc.assert(
      fc.property(anyLifetime, settings, anyJitter, (life, chosen, place) => {
        const window = windowOf(life, chosen, place)
        assert.isTrue(window > 0, String(window))
        assert.isAtMost(window, life / 2)
        assert.isAtMost(window, chosen.maxWindow * (1 + chosen.jitter))
      }),
      runs(5_000)
    )
  })

  it("is constant for one jitter and grows with it: instances spread out, and each keeps a stable offset", () => {
    fc.assert(
      fc.property(anyLifetime, settings, anyJitter, anyJitter, (life, chosen, one, other) => {
        assert.strictEqual(windowOf(life, chosen, one), windowOf(life, chosen, one))
        const [low, high] = one < other ? [one, other] : [other, one]
        assert.isAtMost(windowOf(life, chosen, low), windowOf(life, chosen, high))
      }),
      runs(2_000)
    )
  })
})

describe("TOK-5: the back-off after failed background renewals", () => {
  it("is one second, doubling up to a minute, and down to half of that at random", () => {
    const waits = [1, 2, 3, 6, 7, 8].map((failures) => backOffOf(failures, 180_000, 1))
    assert.deepStrictEqual(waits, [1_000, 2_000, 4_000, 32_000, 60_000, 60_000])
    assert.strictEqual(backOffOf(3, 180_000, 0), 2_000)
  })

  it("starts within a short window", () => {
    assert.strictEqual(backOffOf(1, 400, 1), 200)
    assert.strictEqual(backOffOf(2, 400, 1), 400)
  })

  it("is bounded, never decreases with more failures, and is at least half of its cap", () => {
    const failures = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.constantFrom(1_000, 5_000, 2 ** 31, 2 ** 53))
    const window = fc.double({ min: 1e-6, max: 1e15, noNaN: true })
    fc.assert(
      fc.property(failures, window, part, (count, length, place) => {
        const cap = backOffOf(count, length, 1)
        const wait = backOffOf(count, length, place)
        assert.isTrue(wait >= cap / 2 && wait <= cap, `${wait} of ${cap}`)
        assert.isTrue(cap >= 0 && cap <= 60_000, String(cap))
        assert.isAtLeast(backOffOf(count + 1, length, 1), cap)
        if (count < 6 && length >= 2_000) assert.strictEqual(backOffOf(count + 1, length, 1), 2 * cap)
      }),
      runs(5_000)
    )
  })
})
