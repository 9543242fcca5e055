import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { requestBudget, takeShared } from "../../src/token-request/requestBudget.ts"
import { decodeRecord, encodeRecord } from "../../src/storage/record.ts"
import { runs } from "../support/seed.ts"

describe("TOK-8: the budget of token requests", () => {
  it("is a burst, then one after the other, and returns how long until the next", () => {
    const { take } = requestBudget({ burst: 3, perSecond: 2 }, { bucket: undefined })
    assert.deepStrictEqual([take(0), take(0), take(0)], [0, 0, 0])
    assert.strictEqual(take(0), 500)
    assert.strictEqual(take(125), 375)
    assert.strictEqual(take(375), 125)
    assert.strictEqual(take(500), 0)
    assert.strictEqual(take(500), 500)
  })

  it("returns a wait that is enough, and a millisecond less is not", () => {
    for (const perSecond of [0.1, 0.3, 1, 3, 7, 1_000 / 3]) {
      const { take } = requestBudget({ burst: 1, perSecond }, { bucket: undefined })
      assert.strictEqual(take(0), 0)
      const wait = take(0)
      assert.isAbove(take(wait - 1), 0)
      assert.strictEqual(take(wait), 0)
    }
  })

  it("fills up to its burst and no further, however long it is unused", () => {
    const { take } = requestBudget({ burst: 2, perSecond: 1 }, { bucket: undefined })
    for (let call = 0; call < 2; call += 1) assert.strictEqual(take(0), 0)
    for (let call = 0; call < 2; call += 1) assert.strictEqual(take(2 ** 53), 0)
    assert.strictEqual(take(2 ** 53), 1_000)
  })

  it("is not opened by a clock that stands still or goes back", () => {
    const { take } = requestBudget({ burst: 1, perSecond: 1 }, { bucket: undefined })
    assert.strictEqual(take(10_000), 0)
    for (const at of [10_000, 5_000, 0, -1e9]) assert.isAbove(take(at), 0)
  })

  it("counts a request from when it is sent: a wait for the storage does not add to a burst", () => {
    const { sent, take } = requestBudget({ burst: 2, perSecond: 1 }, { bucket: undefined })
    assert.strictEqual(take(0), 0)
    sent(2_000)
    assert.strictEqual(take(2_100), 0)
    sent(2_100)
    assert.strictEqual(take(2_200), 800)
    assert.strictEqual(take(3_000), 0)
  })

  it("is never below zero by rounding, or the next process would consider it full", () => {
    const { bucket, wait } = takeShared({ left: 0.03 + 0.282, at: 0 }, { burst: 10, perSecond: 1 }, 688)
    assert.strictEqual(wait, 0)
    const record = decodeRecord("name", encodeRecord("name", { observations: {}, budget: bucket }), 688)
    assert.deepStrictEqual(record?.budget, { left: 0, at: 688 })
  })

  it("allows no more than its burst and its rate in any period, and every returned wait is enough", () => {
    const settings = fc.record({
      burst: fc.integer({ min: 1, max: 20 }),
      perSecond: fc.double({ min: 0.01, max: 100, noNaN: true })
    })
    const steps = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5_000 })), { maxLength: 200 })
    fc.assert(
      fc.property(settings, steps, ({ burst, perSecond }, passed) => {
        const { take } = requestBudget({ burst, perSecond }, { bucket: undefined })
        let now = 0
        let granted = 0
        for (const step of passed) {
          now += step
          const wait = take(now)
          if (wait === 0) granted += 1
          else if (step % 7 === 1) {
            now += wait
            assert.strictEqual(take(now), 0)
            granted += 1
          }
          assert.isAtMost(granted, burst + (now / 1_000) * perSecond + 1e-6)
        }
      }),
      runs(1_000)
    )
  })
})

describe("TOK-8: the shared budget", () => {
  const settings = { burst: 2, perSecond: 1 }
  const empty = { left: 0, at: 100_000 }

  it("is not opened by a host whose clock is behind", () => {
    const behind = takeShared(empty, settings, 97_000)
    assert.strictEqual(behind.wait, 1_000)
    assert.strictEqual(takeShared(behind.bucket, settings, 100_000).wait, 1_000)
    assert.strictEqual(takeShared(behind.bucket, settings, 101_000).wait, 0)
  })
})
