import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { AccessToken } from "../src/index.ts"
import { holdToken } from "../src/internal/tokenLife.ts"
import { renewalSettings } from "../src/RenewalPolicy.ts"
import { handClock } from "./support/handClock.ts"
import { runs } from "./support/seed.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** A token of an hour's life by default, on a clock whose hands are set by hand: due after 48 minutes. */
const held = (life: number | "unknown" = hour, age = 0) => {
  const hands = handClock()
  const issuedAt = hands.now().wall - age
  const token = AccessToken.make("tok-1", { issuedAt, expiresAt: life === "unknown" ? undefined : issuedAt + life })
  return {
    hands,
    token,
    issuedAt,
    life: holdToken(token, age, hands.clock, renewalSettings({ maxWindow: "1 hour" }), 0)
  }
}

describe("TOK-5: a token's life", () => {
  it("is fresh, due within the last fifth, and over at its end, to the millisecond", () => {
    const { hands, life } = held()
    assert.deepStrictEqual([life.look(), life.window], ["fresh", 12 * minute])
    hands.pass(48 * minute - 1)
    assert.strictEqual(life.look(), "fresh")
    hands.pass(1)
    assert.strictEqual(life.look(), "due")
    hands.pass(12 * minute - 1)
    assert.deepStrictEqual([life.look(), life.isOver()], ["due", false])
    hands.pass(1)
    assert.deepStrictEqual([life.look(), life.isOver(), life.age()], ["over", true, hour])
  })

  it("is known to the millisecond however often one looks", () => {
    const { hands, life } = held(10_000)
    for (let age = 0; age < 12_000; age += 1) {
      assert.strictEqual(life.look(), age < 8_000 ? "fresh" : age < 10_000 ? "due" : "over", String(age))
      hands.pass(1)
    }
  })

  it("has begun already when it is adopted", () => {
    const { hands, life } = held(hour, 30 * minute)
    assert.deepStrictEqual([life.look(), life.age()], ["fresh", 30 * minute])
    hands.pass(18 * minute)
    assert.strictEqual(life.look(), "due")
    assert.strictEqual(held(hour, hour).life.look(), "over")
  })

  it("of unknown length does not end, and its clocks are not even read", () => {
    const { hands, life } = held("unknown")
    hands.pass(1_000 * day)
    hands.reads()
    assert.deepStrictEqual([life.look(), life.isOver(), life.renewAt()], ["fresh", false, undefined])
    assert.deepStrictEqual(hands.reads(), { wall: 0, mono: 0 })
  })
})

describe("TOK-5: an attempt to renew that failed", () => {
  it("is not repeated before its back-off, and then is, although somebody looked meanwhile", () => {
    const { hands, life } = held(2_000)
    hands.pass(1_600)
    assert.strictEqual(life.look(), "due")
    life.leaveAlone(Infinity)
    assert.strictEqual(life.look(), "fresh")
    life.leaveAlone(150)
    assert.strictEqual(life.look(), "fresh")
    hands.pass(149)
    assert.strictEqual(life.look(), "fresh")
    hands.pass(1)
    assert.strictEqual(life.look(), "due")
  })

  it("does not keep the token alive: it is over at its end, whatever the back-off", () => {
    for (const millis of [Infinity, 60_000, 1e300]) {
      const { hands, life } = held(2_000)
      hands.pass(1_600)
      life.leaveAlone(millis)
      for (let left = 400; left > 0; left -= 1) {
        assert.strictEqual(life.look(), "fresh")
        hands.pass(1)
      }
      assert.strictEqual(life.look(), "over")
    }
  })

  it("OBS-2: puts the next renewal off to the end of its back-off", () => {
    const { hands, issuedAt, life } = held()
    assert.strictEqual(life.renewAt(), issuedAt + 48 * minute)
    hands.pass(48 * minute)
    life.leaveAlone(Infinity)
    assert.strictEqual(life.renewAt(), issuedAt + 48 * minute)
    life.leaveAlone(5_000)
    assert.strictEqual(life.renewAt(), issuedAt + 48 * minute + 5_000)
    hands.pass(5_000)
    assert.strictEqual(life.renewAt(), issuedAt + 48 * minute)
  })
})

describe("TOK-9: clocks that jump and machines that sleep", () => {
  const apart: ReadonlyArray<readonly [what: string, by: (hands: ReturnType<typeof handClock>) => void]> = [
    ["the wall clock an hour ahead", ({ jump }) => jump(hour)],
    ["the wall clock a day ahead", ({ jump }) => jump(day)],
    ["sleep: only the wall clock goes on", ({ jump }) => jump(hour)],
    ["a day back, and an hour that passes", ({ jump, pass }) => (jump(-day), pass(hour))],
    ["back and forth, then sleep", ({ jump }) => (jump(-day), jump(day), jump(hour))],
    ["both apart", ({ jump, passMono }) => (jump(-day), passMono(hour))]
  ]
  for (const [what, by] of apart) {
    it(`a token is over at the next look after ${what}`, () => {
      const { hands, life } = held()
      assert.strictEqual(life.look(), "fresh")
      by(hands)
      assert.strictEqual(life.look(), "over")
      assert.isAtLeast(life.age(), hour)
    })
  }

  it("a wall clock that is set back neither ends a token nor lengthens its life", () => {
    for (const back of [hour, day, 50 * 365 * day]) {
      const { hands, life } = held()
      hands.jump(-back)
      assert.strictEqual(life.look(), "fresh")
      hands.pass(48 * minute - 1)
      assert.strictEqual(life.look(), "fresh")
      hands.pass(1)
      assert.strictEqual(life.look(), "due")
      hands.pass(12 * minute)
      assert.strictEqual(life.look(), "over")
    }
  })

  it("a monotonic clock alone is noticed within a second, a wall clock alone at once", () => {
    const { hands, life } = held(10_000)
    hands.passMono(7_500)
    assert.strictEqual(life.look(), "fresh")
    hands.passMono(2_500)
    hands.jump(499)
    life.look()
    hands.jump(501)
    assert.strictEqual(life.look(), "over")
    const other = held(10_000)
    other.life.look()
    other.hands.jump(10_000)
    assert.strictEqual(other.life.look(), "over")
  })

  it("whatever the clocks do, a token is over once either has seen its life pass, and stays over", () => {
    const step = fc.record({
      wall: fc.oneof(fc.integer({ min: -2_000, max: 2_000 }), fc.constantFrom(-hour, hour, -day, day)),
      mono: fc.integer({ min: 0, max: 2_000 })
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { hands, issuedAt, life } = held(10_000)
        const start = hands.now()
        for (const { mono, wall } of steps) {
          hands.jump(wall)
          hands.passMono(mono)
          const now = hands.now()
          const isOver = Math.max(now.wall - issuedAt, now.mono - start.mono) >= 10_000
          assert.strictEqual(life.isOver(), isOver)
          // Between two close looks the monotonic clock may be ahead by what the wall clock has not shown.
          if (now.wall - issuedAt >= 10_000) assert.strictEqual(life.look(), "over")
          if (!isOver) assert.notStrictEqual(life.look(), "over")
        }
      }),
      runs(1_000)
    )
  })
})

describe("TOK-1, TOK-9: what a look costs", () => {
  it("is one clock, and the other at least once a second", () => {
    const { hands, life } = held()
    life.look()
    hands.reads()
    for (let looks = 0; looks < 1_000; looks += 1) life.look()
    assert.deepStrictEqual(hands.reads(), { wall: 1_000, mono: 0 })
    for (let millis = 0; millis < 10_000; millis += 1) {
      hands.pass(1)
      life.look()
    }
    assert.deepStrictEqual(hands.reads(), { wall: 10_000, mono: 10 })
  })

  it("is no timer, in all its life", () => {
    const { hands, life } = held()
    for (let passed = 0; passed < 61; passed += 1) {
      life.look()
      hands.pass(minute)
    }
    assert.deepStrictEqual(hands.sleeps, [])
  })
})
