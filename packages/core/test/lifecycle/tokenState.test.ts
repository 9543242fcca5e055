import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { AccessToken } from "../../src/index.ts"
import * as TokenState from "../../src/lifecycle/tokenState.ts"
import { runs } from "../support/seed.ts"

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const start: TokenState.Now = { wall: 1_700_000_000_000, mono: 5_000 }

const after = (wall: number, mono = wall): TokenState.Now => ({ wall: start.wall + wall, mono: start.mono + mono })

/** A token of an hour that is renewed in its last 12 minutes. */
const currentToken = (lifetime: number | undefined = hour, window = 12 * minute): TokenState.CurrentToken => ({
  token: AccessToken.make("tok-1", {
    issuedAt: start.wall,
    expiresAt: lifetime === undefined ? undefined : start.wall + lifetime
  }),
  requestedAt: start.mono,
  knownSince: start.mono,
  window,
  renewFrom: -Infinity,
  probeFrom: Infinity
})

const stateWith = (current: TokenState.CurrentToken): TokenState.State =>
  TokenState.obtained(TokenState.initial, current)

describe("TOK-5: the phases of a token", () => {
  it("is fresh, due in its window, and expired at its end, to the millisecond", () => {
    const current = currentToken()
    assert.strictEqual(TokenState.phaseOf(current, after(0)), 48 * minute)
    assert.strictEqual(TokenState.phaseOf(current, after(48 * minute - 1)), 1)
    assert.strictEqual(TokenState.phaseOf(current, after(48 * minute)), "renew")
    assert.strictEqual(TokenState.phaseOf(current, after(hour - 1)), "renew")
    assert.strictEqual(TokenState.phaseOf(current, after(hour)), "expired")
  })

  it("never expires while its lifetime is unknown", () => {
    const current = currentToken(undefined, 0)
    assert.strictEqual(
      TokenState.phaseOf({ ...current, token: AccessToken.make("tok-1", { issuedAt: 0 }) }, after(0)),
      Infinity
    )
    assert.isUndefined(
      TokenState.renewalAt({ ...current, token: AccessToken.make("tok-1", { issuedAt: 0 }) }, after(0))
    )
  })

  it("STO-2: asks for a probe of the storage from the given moment on", () => {
    const current = { ...currentToken(), probeFrom: start.mono + 1_000 }
    assert.strictEqual(TokenState.phaseOf(current, after(0)), 1_000)
    assert.strictEqual(TokenState.phaseOf(current, after(1_000)), "probe")
    assert.strictEqual(TokenState.phaseOf(current, after(48 * minute)), "renew")
  })
})

describe("TOK-5: a background renewal", () => {
  it("begins once, and again only after the back-off of its failure", () => {
    const due = after(48 * minute)
    const begun = TokenState.begun(stateWith(currentToken()), "window")
    assert.strictEqual(begun.isRenewing, true)
    assert.strictEqual(TokenState.phaseOf(begun.current!, due), 12 * minute)
    const failed = TokenState.failed(begun, "window", () => due.mono + 150)
    assert.strictEqual(failed.failures, 1)
    assert.strictEqual(TokenState.phaseOf(failed.current!, due), 150)
    assert.strictEqual(TokenState.phaseOf(failed.current!, after(48 * minute + 150)), "renew")
  })

  it("does not extend the token's lifetime, whatever the back-off", () => {
    for (const backOff of [Infinity, 60_000, 1e300]) {
      const failed = TokenState.failed(stateWith(currentToken()), "window", () => backOff)
      assert.strictEqual(TokenState.phaseOf(failed.current!, after(hour)), "expired")
    }
  })

  it("is not postponed by a renewal for another reason, nor by the failure of one", () => {
    const due = after(48 * minute)
    const begun = TokenState.begun(stateWith(currentToken()), "rejected")
    assert.strictEqual(TokenState.phaseOf(begun.current!, due), "renew")
    const failed = TokenState.failed(begun, "rejected", () => Infinity)
    assert.strictEqual(failed.failures, 1)
    assert.strictEqual(TokenState.phaseOf(failed.current!, due), "renew")
  })

  it("OBS-2: postpones the announced renewal to the end of the back-off", () => {
    const current = currentToken()
    assert.strictEqual(TokenState.renewalAt(current, after(0)), start.wall + 48 * minute)
    const due = after(48 * minute)
    const backingOff = { ...current, renewFrom: due.mono + 5_000 }
    assert.strictEqual(TokenState.renewalAt(backingOff, due), due.wall + 5_000)
    assert.strictEqual(TokenState.renewalAt({ ...current, renewFrom: Infinity }, due), start.wall + 48 * minute)
  })

  it("counts failures until one succeeds", () => {
    let state = stateWith(currentToken())
    for (let failures = 1; failures <= 3; failures += 1) {
      state = TokenState.failed(state, "window", () => 0)
      assert.strictEqual(state.failures, failures)
    }
    assert.strictEqual(TokenState.finished(state, false, Infinity).failures, 3)
    assert.strictEqual(TokenState.finished(state, true, Infinity).failures, 0)
  })
})

describe("TOK-4: a token that is no longer used", () => {
  it("is retired when it expires, is rejected or is replaced", () => {
    const first = currentToken()
    for (const over of [TokenState.expired, TokenState.rejected]) {
      const state = over(stateWith(first))
      assert.isUndefined(state.current)
      assert.isTrue(TokenState.isRetired(state, first.token))
    }
    const second = currentToken()
    const replaced = TokenState.obtained(stateWith(first), second)
    assert.strictEqual(replaced.current, second)
    assert.isTrue(TokenState.isRetired(replaced, first.token))
    assert.isFalse(TokenState.isRetired(replaced, second.token))
    assert.deepStrictEqual(replaced.retired, [first.token.id])
  })

  it("leaves the reason why there is no token, until the next one is obtained", () => {
    assert.strictEqual(TokenState.initial.without, "first")
    assert.strictEqual(TokenState.expired(stateWith(currentToken())).without, "expired")
    assert.strictEqual(TokenState.rejected(stateWith(currentToken())).without, "rejected")
    assert.strictEqual(TokenState.expired(TokenState.initial), TokenState.initial)
  })

  it("is remembered among the last 64, and the oldest is forgotten first", () => {
    const tokens = Array.from({ length: 70 }, () => currentToken())
    const state = tokens.reduce(TokenState.obtained, TokenState.initial)
    assert.lengthOf(state.retired, 64)
    assert.isFalse(TokenState.isRetired(state, tokens[0]!.token))
    assert.isTrue(TokenState.isRetired(state, tokens[68]!.token))
  })
})

describe("TOK-9: clocks that jump, and machines that sleep", () => {
  const jumps: ReadonlyArray<readonly [what: string, now: TokenState.Now]> = [
    ["the wall clock is an hour ahead", after(hour, 0)],
    ["the wall clock is a day ahead", after(day, 0)],
    ["the wall clock is set back a day and an hour passes", after(hour - day, hour)]
  ]
  for (const [what, now] of jumps) {
    it(`a token is expired when ${what}`, () => {
      const current = currentToken()
      assert.strictEqual(TokenState.phaseOf(current, now), "expired")
      assert.isTrue(TokenState.isOver(current, now))
      assert.isAtLeast(TokenState.ageOf(current, now), hour)
    })
  }

  it("a wall clock that is set back neither ends a token nor extends it", () => {
    for (const back of [hour, day, 50 * 365 * day]) {
      assert.strictEqual(TokenState.phaseOf(currentToken(), after(-back, 0)), 48 * minute)
      assert.strictEqual(TokenState.phaseOf(currentToken(), after(48 * minute - back, 48 * minute)), "renew")
    }
  })

  it("for every movement of the clocks, a token is expired once either has seen its lifetime pass", () => {
    const instant = fc.record({
      wall: fc.oneof(fc.integer({ min: -20_000, max: 20_000 }), fc.constantFrom(-day, day)),
      mono: fc.integer({ min: 0, max: 20_000 })
    })
    fc.assert(
      fc.property(instant, ({ mono, wall }) => {
        const current = currentToken(10_000, 2_000)
        const now = after(wall, mono)
        const isOver = Math.max(wall, mono) >= 10_000
        assert.strictEqual(TokenState.isOver(current, now), isOver)
        assert.strictEqual(TokenState.phaseOf(current, now) === "expired", isOver)
      }),
      runs(1_000)
    )
  })

  it("a phase in milliseconds is exactly how long nothing changes", () => {
    const lifetimes = fc.integer({ min: 1_000, max: 100_000 })
    fc.assert(
      fc.property(
        lifetimes,
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 0, max: 50_000 }),
        (life, age, probe) => {
          const current = { ...currentToken(life, life / 5), probeFrom: start.mono + probe }
          const phase = TokenState.phaseOf(current, after(age))
          if (typeof phase !== "number") return
          assert.isNumber(TokenState.phaseOf(current, after(age + phase - 0.5)))
          assert.isString(TokenState.phaseOf(current, after(age + phase + 1e-6)))
        }
      ),
      runs(1_000)
    )
  })
})
