import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { isPlausible, isProbe, learn, type Observations } from "../../src/lifecycle/RenewalPolicy.ts"
import { anyLifetime, anyNumber } from "../support/implausible.ts"
import { runs } from "../support/seed.ts"

const after = (...ages: ReadonlyArray<number>): Observations => ages.reduce<Observations>(learn, {})

describe("TOK-6: learning from expired tokens", () => {
  it("stores one age, which is not an estimate yet", () => {
    assert.deepStrictEqual(after(60_000), { last: 60_000, estimate: undefined })
  })

  it("makes an estimate of two in a row that agree: the shorter one", () => {
    assert.strictEqual(after(60_000, 60_000).estimate, 60_000)
    assert.strictEqual(after(60_000, 66_000).estimate, 60_000)
    assert.strictEqual(after(66_000, 60_000).estimate, 60_000)
  })

  it("accepts a difference of 20 %, and not a millisecond more", () => {
    assert.strictEqual(after(60_000, 72_000).estimate, 60_000)
    assert.strictEqual(after(72_000, 60_000).estimate, 60_000)
    assert.isUndefined(after(60_000, 72_001).estimate)
    assert.isUndefined(after(72_001, 60_000).estimate)
  })

  it("ignores ages that agree only with an earlier one, and keeps an estimate despite an outlier", () => {
    assert.isUndefined(after(60_000, 600_000, 60_000).estimate)
    assert.strictEqual(after(60_000, 60_000, 600_000).estimate, 60_000)
  })

  it("raises the estimate after two longer ages, and lowers it after two shorter ones", () => {
    assert.strictEqual(after(60_000, 60_000, 600_000, 620_000).estimate, 600_000)
    assert.strictEqual(after(60_000, 60_000, 30_000, 31_000).estimate, 30_000)
  })

  it("ignores ages under a second and implausible ones", () => {
    const known = after(60_000, 60_000)
    for (const age of [0, -0, 1, 999, 999.999, -60_000, NaN, Infinity, -Infinity, 2 ** 53]) {
      assert.strictEqual(learn(known, age), known, String(age))
      assert.deepStrictEqual(after(60_000, age, 60_000).estimate, 60_000)
    }
    assert.deepStrictEqual(after(1_000), { last: 1_000, estimate: undefined })
  })

  it("makes plausible estimates only, never longer than the two ages", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyNumber, anyLifetime), { maxLength: 20 }), (ages) => {
        let known: Observations = {}
        for (const age of ages) {
          const before = known
          known = learn(before, age)
          if (known.estimate === undefined || known.estimate === before.estimate) continue
          assert.isTrue(isPlausible(known.estimate))
          assert.isAtMost(known.estimate, age)
          assert.isAtMost(known.estimate, before.last ?? NaN)
        }
      }),
      runs(3_000)
    )
  })
})

describe("TOK-6: a probe", () => {
  it("is every 20th token, and no other", () => {
    const probes = Array.from({ length: 100 }, (_, index) => index + 1).filter(isProbe)
    assert.deepStrictEqual(probes, [20, 40, 60, 80, 100])
  })
})
