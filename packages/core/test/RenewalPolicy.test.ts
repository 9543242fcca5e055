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
} from "../src/RenewalPolicy.ts"
import { absurd, anyLife, anyNumber } from "./support/absurd.ts"
import { runs } from "./support/seed.ts"

const day = 86_400_000
const hint = fc.option(anyNumber, { nil: undefined })
const hints = fc.record({ declared: hint, jwt: hint, observed: hint, assumed: hint })
const lot = fc.double({ min: -1, max: 1, noNaN: true })
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

describe("TOK-9: a life that can be one", () => {
  it("is from a second to ten years, and nothing else is guessed at", () => {
    for (const life of [1_000, 1_000.5, 900_000, 2 ** 31, day, 3_650 * day]) assert.isTrue(isPlausible(life))
    const nobodys = [undefined, NaN, Infinity, -Infinity, 0, -0, -900_000, 0.9, 900, 999.999, 2 ** 53, 4_000 * day]
    for (const life of nobodys) assert.isFalse(isPlausible(life), String(life))
  })

  it("is a number, whatever types a provider claims for what a JSON body held", () => {
    for (const life of ["60000", "1e5", [60_000], { valueOf: () => 60_000 }, true, null, 60_000n]) {
      assert.isFalse(isPlausible(life as unknown as number))
      assert.deepStrictEqual(lifetimeOf({ declared: life as unknown as number }), { source: "unknown" })
    }
  })
})

describe("TOK-6: where a lifetime is known from", () => {
  const order = ["declared", "jwt", "observed", "assumed"] as const

  it("is the first of declared, jwt, observed, assumed that there is, else unknown", () => {
    for (let known = 0; known < 2 ** order.length; known += 1) {
      const given: LifetimeHints = Object.fromEntries(
        order.flatMap((source, index) => ((known >> index) & 1 ? [[source, (index + 1) * 60_000]] : []))
      )
      const first = order.findIndex((_, index) => (known >> index) & 1)
      const expected =
        first < 0 ? { source: "unknown" as const } : { source: order[first]!, life: (first + 1) * 60_000 }
      assert.deepStrictEqual(lifetimeOf(given), expected)
    }
  })

  it("passes over what no token can live for", () => {
    for (const declared of absurd.filter((life) => !(life >= 1_000 && life < 4_000 * day))) {
      assert.deepStrictEqual(lifetimeOf({ declared, observed: 60_000 }), { source: "observed", life: 60_000 })
    }
  })

  it("never yields a life that cannot be one, whatever the hints", () => {
    fc.assert(
      fc.property(hints, (given) => {
        const { life, source } = lifetimeOf(given)
        if (life === undefined) return source === "unknown"
        return life >= 1_000 && life <= 3_660 * day && source !== "unknown" && given[source] === life
      }),
      runs(5_000)
    )
  })
})

describe("TOK-5: the window before a token's end", () => {
  it("is a fifth of its life, at most 10 minutes, and never more than half its life", () => {
    const usual = { ...renewalSettings(), jitter: 0 }
    assert.strictEqual(windowOf(900_000, usual, 0), 180_000)
    assert.strictEqual(windowOf(2_000, usual, 0), 400)
    assert.strictEqual(windowOf(30 * day, usual, 0), 600_000)
    const fixed = { ...usual, window: 120_000 }
    assert.strictEqual(windowOf(900_000, fixed, 0), 120_000)
    assert.strictEqual(windowOf(60_000, fixed, 0), 30_000)
  })

  it("is moved by a tenth either way, by the place of this process", () => {
    const usual = renewalSettings()
    assert.strictEqual(windowOf(900_000, usual, -1), 162_000)
    assert.closeTo(windowOf(900_000, usual, 1), 198_000, 1e-6)
    assert.strictEqual(windowOf(900_000, { ...usual, jitter: 0 }, 1), 180_000)
  })

  it("is above zero, at most half the life and at most the longest window with its jitter", () => {
    fc.assert(
      fc.property(anyLife, settings, lot, (life, chosen, place) => {
        const window = windowOf(life, chosen, place)
        assert.isTrue(window > 0, String(window))
        assert.isAtMost(window, life / 2)
        assert.isAtMost(window, chosen.maxWindow * (1 + chosen.jitter))
      }),
      runs(5_000)
    )
  })

  it("is the same for the same place, and grows with it: instances drift apart, each stays in step with itself", () => {
    fc.assert(
      fc.property(anyLife, settings, lot, lot, (life, chosen, one, other) => {
        assert.strictEqual(windowOf(life, chosen, one), windowOf(life, chosen, one))
        const [low, high] = one < other ? [one, other] : [other, one]
        assert.isAtMost(windowOf(life, chosen, low), windowOf(life, chosen, high))
      }),
      runs(2_000)
    )
  })
})

describe("TOK-5: the back-off after failed background renewals", () => {
  it("is a second, doubling to a minute, at random down to half of that", () => {
    const waits = [1, 2, 3, 6, 7, 8].map((failures) => backOffOf(failures, 180_000, 1))
    assert.deepStrictEqual(waits, [1_000, 2_000, 4_000, 32_000, 60_000, 60_000])
    assert.strictEqual(backOffOf(3, 180_000, 0), 2_000)
  })

  it("begins within a short window", () => {
    assert.strictEqual(backOffOf(1, 400, 1), 200)
    assert.strictEqual(backOffOf(2, 400, 1), 400)
  })

  it("is bounded, never shrinks with the failures, and is between half and all of its cap", () => {
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
