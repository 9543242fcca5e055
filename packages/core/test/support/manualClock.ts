import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/**
 * A clock that the test sets. The wall clock and the monotonic clock are separate, as in real life: users and NTP set
 * the former, the latter stands still while a machine sleeps. It counts how often each is read, and its timers.
 */
export const manualClock = (wall = 1_800_000_000_000) => {
  const state = { wall, mono: 0, wallReads: 0, monoReads: 0 }
  const sleeps: Array<number> = []
  const sleeping = new Set<{ readonly at: number; readonly wake: () => void }>()

  const currentTimeMillisUnsafe = () => {
    state.wallReads += 1
    return state.wall
  }
  const monotonicTimeNanosUnsafe = () => {
    state.monoReads += 1
    return BigInt(Math.round(state.mono * 1e6))
  }
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe,
    currentTimeMillis: Effect.sync(currentTimeMillisUnsafe),
    currentTimeNanosUnsafe: () => BigInt(Math.round(state.wall)) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(Math.round(state.wall)) * 1_000_000n),
    monotonicTimeNanosUnsafe,
    monotonicTimeNanos: Effect.sync(monotonicTimeNanosUnsafe),
    sleep: (duration) =>
      Effect.callback((resume) => {
        const millis = Duration.toMillis(duration)
        if (millis <= 0) return resume(Effect.void)
        const sleeper = { at: state.mono + millis, wake: () => resume(Effect.void) }
        sleeps.push(millis)
        sleeping.add(sleeper)
        return Effect.sync(() => void sleeping.delete(sleeper))
      })
  }

  const wakeDue = () => {
    for (const sleeper of sleeping) {
      if (sleeper.at > state.mono) continue
      sleeping.delete(sleeper)
      sleeper.wake()
    }
  }

  return {
    clock,
    /** The duration of each sleep that was started, in milliseconds. */
    sleeps,
    /** How many timers are set now. */
    timers: () => sleeping.size,
    now: () => ({ wall: state.wall, mono: state.mono }),
    /** Time passes on both clocks. */
    pass: (millis: number) => {
      state.wall += millis
      state.mono += millis
      wakeDue()
    },
    /** The wall clock is set forward by this much, or back. */
    jumpWall: (millis: number) => {
      state.wall += millis
    },
    /** Time passes on the monotonic clock only. */
    advanceMonotonic: (millis: number) => {
      state.mono += millis
      wakeDue()
    },
    /** How often each clock was read since the last call. */
    reads: () => {
      const { monoReads, wallReads } = state
      state.monoReads = 0
      state.wallReads = 0
      return { wall: wallReads, mono: monoReads }
    }
  }
}
