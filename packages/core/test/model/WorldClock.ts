import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/**
 * Two clocks that are set independently, in whole milliseconds: the wall clock may be set, a machine may sleep. Timers
 * follow the monotonic clock.
 */
export class WorldClock implements Clock.Clock {
  wall = 1_800_000_000_000
  mono = 5_000
  readonly #sleepers = new Set<Sleeper>()

  readonly currentTimeMillis = Effect.sync(() => this.wall)
  readonly currentTimeNanos = Effect.sync(() => this.currentTimeNanosUnsafe())
  readonly monotonicTimeNanos = Effect.sync(() => this.monotonicTimeNanosUnsafe())

  currentTimeMillisUnsafe(): number {
    return this.wall
  }

  currentTimeNanosUnsafe(): bigint {
    return BigInt(this.wall) * 1_000_000n
  }

  monotonicTimeNanosUnsafe(): bigint {
    return BigInt(this.mono) * 1_000_000n
  }

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      // Like a timer: never early, and by whole milliseconds.
      const sleeper = { at: Math.ceil(this.mono + Duration.toMillis(duration)), wake: () => resume(Effect.void) }
      this.#sleepers.add(sleeper)
      return Effect.sync(() => void this.#sleepers.delete(sleeper))
    })
  }

  /** How many timers are set. */
  sleeping(): number {
    return this.#sleepers.size
  }

  /** When the next timer is due, in monotonic milliseconds. */
  next(): number {
    return Math.min(...[...this.#sleepers].map(({ at }) => at))
  }

  /**
   * Advances to an instant of the monotonic clock, and runs the timers that are due. The wall clock may stand still.
   */
  to(mono: number, wallGoesOn: boolean): void {
    if (wallGoesOn) this.wall += mono - this.mono
    this.mono = mono
    for (const sleeper of this.#sleepers) {
      if (sleeper.at > mono) continue
      this.#sleepers.delete(sleeper)
      sleeper.wake()
    }
  }
}
