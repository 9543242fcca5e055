import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { endpointBudget, type Limit } from "../src/internal/endpointBudget.ts"
import { runs } from "./support/seed.ts"

const margin = 100

/** Takes the first place that is free; answers when that is. */
const taking = (limits: ReadonlyArray<Limit>) => {
  const budget = endpointBudget(limits)
  const take = (now: number) => {
    const { at } = budget.next(now)
    budget.book(at)
    return at
  }
  return { ...budget, take }
}

const tenASecond: Limit = { count: 10, millis: 1_000 }

describe("REQ-7: the budget of an endpoint", () => {
  it("gives its count at once, and the next when the first is long enough ago", () => {
    const { next, take } = taking([tenASecond])
    for (let call = 0; call < 10; call += 1) assert.strictEqual(take(50), 50)
    assert.deepStrictEqual(next(60), { at: 1_150, limit: 10 })
    for (let call = 0; call < 10; call += 1) assert.strictEqual(take(60), 1_150)
    assert.strictEqual(take(60), 2_250)
  })

  it("gives what a person would wait for: a request every 110 ms finds no limit", () => {
    const { take } = taking([tenASecond])
    for (let now = 0; now < 60_000; now += 110) assert.strictEqual(take(now), now)
  })

  it("keeps the limit that is used up first, and names it", () => {
    const { next, take } = taking([
      { count: 2, millis: 1_000 },
      { count: 3, millis: 60_000 }
    ])
    assert.deepStrictEqual([take(0), take(0), take(0)], [0, 0, 1_100])
    assert.deepStrictEqual(next(0), { at: 60_100, limit: 3 })
  })

  it("without a limit gives everything at once and remembers nothing", () => {
    const { next, take } = taking([])
    for (let call = 0; call < 10_000; call += 1) assert.strictEqual(take(7), 7)
    assert.deepStrictEqual(next(7), { at: 7, limit: undefined })
  })

  it("gives a place that was given back to the next who asks", () => {
    const { giveBack, take } = taking([{ count: 1, millis: 1_000 }])
    assert.deepStrictEqual([take(0), take(0), take(0)], [0, 1_100, 2_200])
    giveBack(2_200)
    assert.strictEqual(take(0), 2_200)
    giveBack(999)
    assert.strictEqual(take(0), 3_300)
  })

  it("lets nobody overtake who waits already, whatever was given back before", () => {
    const { giveBack, take } = taking([{ count: 3, millis: 1_000 }])
    const places = Array.from({ length: 7 }, () => take(0))
    assert.deepStrictEqual(places, [0, 0, 0, 1_100, 1_100, 1_100, 2_200])
    for (let leaving = 0; leaving < 3; leaving += 1) giveBack(1_100)
    assert.strictEqual(take(0), 2_200)
  })

  it("gives nothing before it opens, and never opens earlier than somebody said", () => {
    const { close, opensAt, take } = taking([tenASecond])
    close(5_000)
    close(3_000)
    assert.strictEqual(opensAt(), 5_000)
    assert.strictEqual(take(0), 5_000)
    assert.strictEqual(take(6_000), 6_000)
  })

  it("does not slow down or grow, however many go through it", () => {
    const { take } = taking([tenASecond, { count: 1_000, millis: 60_000 }])
    const from = performance.now()
    let at = 0
    for (let call = 0; call < 200_000; call += 1) at = take(at)
    assert.isAtLeast(at, (200_000 / 10 - 1) * 1_000)
    assert.isBelow(performance.now() - from, 30_000)
  })

  const limits = fc.array(
    fc.record({ count: fc.integer({ min: 1, max: 20 }), millis: fc.integer({ min: 1, max: 5_000 }) }),
    {
      minLength: 1,
      maxLength: 3
    }
  )
  const steps = fc.array(
    fc.record({ pass: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2_000 })), giveBack: fc.boolean() }),
    { maxLength: 200 }
  )

  it("no stretch of its length ever holds more than its count, in the order in which they came", () => {
    fc.assert(
      fc.property(limits, steps, (kept, passed) => {
        const { giveBack, take } = taking(kept)
        const sent: Array<number> = []
        let now = 0
        for (const step of passed) {
          now += step.pass
          const at = take(now)
          assert.isAtLeast(at, now)
          // Only who still waits can leave.
          if (step.giveBack && at > now) giveBack(at)
          else sent.push(at)
        }
        assert.deepStrictEqual(
          sent,
          sent.toSorted((a, b) => a - b)
        )
        for (const { count, millis } of kept) {
          for (let last = count; last < sent.length; last += 1) {
            assert.isAtLeast((sent[last] ?? 0) - (sent[last - count] ?? 0), millis + margin - 1e-6)
          }
        }
      }),
      runs(1_000)
    )
  })
})
