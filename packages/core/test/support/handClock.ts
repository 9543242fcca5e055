import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/**
 * A clock whose two hands are set by hand, as they go apart in real life: the wall clock is set by people and NTP, the
 * monotonic one stands still while a machine sleeps. It counts how often it is read, and who sleeps.
 */
export const handClock = (wall = 1_800_000_000_000) => {
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
    /** How long everybody who slept wanted to, in milliseconds. */
    sleeps,
    /** How many sleep now: the timers that are set. */
    asleep: () => sleeping.size,
    now: () => ({ wall: state.wall, mono: state.mono }),
    /** Time passes on both. */
    pass: (millis: number) => {
      state.wall += millis
      state.mono += millis
      wakeDue()
    },
    /** Somebody sets the wall clock, by that much. */
    jump: (millis: number) => {
      state.wall += millis
    },
    /** The wall clock stands still, or is set back all the time. */
    passMono: (millis: number) => {
      state.mono += millis
      wakeDue()
    },
    /** How often each hand was read since the last time this was asked. */
    reads: () => {
      const { monoReads, wallReads } = state
      state.monoReads = 0
      state.wallReads = 0
      return { wall: wallReads, mono: monoReads }
    }
  }
}
