import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** The two clocks of a client, in milliseconds; both follow the test clock in tests. */
export interface Clocks {
  /** The wall clock: epoch milliseconds, which can jump. */
  readonly wall: () => number
  /** The monotonic clock: never goes back, and may stand still while the machine sleeps. */
  readonly mono: () => number
}

/** One for each clock, not for each part of each client that reads it. */
const known = new WeakMap<Clock.Clock, Clocks>()

export const clocks: Effect.Effect<Clocks> = Effect.map(Clock.Clock, (clock) => {
  const found = known.get(clock) ?? {
    wall: () => clock.currentTimeMillisUnsafe(),
    mono: () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  }
  known.set(clock, found)
  return found
})
