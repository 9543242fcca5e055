import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { endpointBudget, type Limit } from "../../src/api/endpointBudget.ts"
import { runs } from "../support/seed.ts"

const margin = 100

/** Takes the first free turn, and returns its time. */
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
  it("allows its count at once, and the next request when the first is old enough", () => {
    const { next, take } = taking([tenASecond])
    for (let call = 0; call < 10; call += 1) assert.strictEqual(take(50), 50)
    assert.deepStrictEqual(next(60), { at: 1_150, limit: 10 })
    for (let call = 0; call < 10; call += 1) assert.strictEqual(take(60), 1_150)
    assert.strictEqual(take(60), 2_250)
  })

  it("never delays a request every 110 ms under a limit of ten per second", () => {
    const { take } = taking([tenASecond])
    for (let now = 0; now < 60_000; now += 110) assert.strictEqual(take(now), now)
  })

  it("applies the limit that is used up first, and names it", () => {
    const { next, take } = taking([
      { count: 2, millis: 1_000 },
      { count: 3, millis: 60_000 }
    ])
    assert.deepStrictEqual([take(0), take(0), take(0)], [0, 0, 1_100])
    assert.deepStrictEqual(next(0), { at: 60_100, limit: 3 })
  })

  it("without a limit allows everything at once and stores nothing", () => {
    const { next, take } = taking([])
    for (let call = 0; call < 10_000; call += 1) assert.strictEqual(take(7), 7)
    assert.deepStrictEqual(next(7), { at: 7, limit: undefined })
  })

  it("gives a returned turn to the next request", () => {
    const { release, take } = taking([{ count: 1, millis: 1_000 }])
    assert.deepStrictEqual([take(0), take(0), take(0)], [0, 1_100, 2_200])
    release(2_200)
    assert.strictEqual(take(0), 2_200)
    release(999)
    assert.strictEqual(take(0), 3_300)
  })

  it("never lets a request overtake waiting ones, whatever turns were returned before", () => {
    const { release, take } = taking([{ count: 3, millis: 1_000 }])
    const places = Array.from({ length: 7 }, () => take(0))
    assert.deepStrictEqual(places, [0, 0, 0, 1_100, 1_100, 1_100, 2_200])
    for (let leaving = 0; leaving < 3; leaving += 1) release(1_100)
    assert.strictEqual(take(0), 2_200)
  })

  it("allows nothing before the latest time for which the endpoint was closed", () => {
    const { close, opensAt, take } = taking([tenASecond])
    close(5_000)
    close(3_000)
    assert.strictEqual(opensAt(), 5_000)
    assert.strictEqual(take(0), 5_000)
    assert.strictEqual(take(6_000), 6_000)
  })

  it("keeps its rate over 200,000 requests", () => {
    const { take } = taking([tenASecond, { count: 1_000, millis: 60_000 }])
    let at = 0
    for (let call = 0; call < 200_000; call += 1) at = take(at)
    assert.isAtLeast(at, (200_000 / 10 - 1) * 1_000)
    assert.isAtMost(at, (200_000 / 10) * 1_100)
  })

  const limits = fc.array(
    fc.record({ count: fc.integer({ min: 1, max: 20 }), millis: fc.integer({ min: 1, max: 5_000 }) }),
    {
      minLength: 1,
      maxLength: 3
    }
  )
  const steps = fc.array(
    fc.record({ pass: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2_000 })), release: fc.boolean() }),
    { maxLength: 200 }
  )

  it("never allows more than its count in any period, and keeps the order of arrival", () => {
    fc.assert(
      fc.property(limits, steps, (kept, passed) => {
        const { release, take } = taking(kept)
        const sent: Array<number> = []
        let now = 0
        for (const step of passed) {
          now += step.pass
          const at = take(now)
          assert.isAtLeast(at, now)
          // Only a waiting request can be withdrawn.
          if (step.release && at > now) release(at)
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
