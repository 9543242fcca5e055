import * as Effect from "effect/Effect"
import { clocks } from "./clocks.ts"

/** A timer counts in this many parts. */
const parts = 4

/** Parts in which the process was frozen are repeated, up to this many parts in all: a clock may run too fast. */
const maxParts = 4 * parts

/**
 * A timer that counts only while the process is awake. After a freeze (SIGSTOP, a suspended container), all timers are
 * due at once, before the runtime has read the responses that arrived meanwhile. Here, a part during which the process
 * was frozen does not count, so the next part leaves time to read them.
 */
export const makeAwakeTimer = Effect.fnUntraced(function* (millis: number) {
  const { mono } = yield* clocks
  const part = millis / parts
  let left = millis
  let partFrom = mono()
  /** How much of the current part does not count, and since when it has not, in milliseconds. */
  let paused = 0
  let pausedFrom: number | undefined

  const addPause = () => {
    if (pausedFrom === undefined) return
    const now = mono()
    paused += now - Math.max(pausedFrom, partFrom)
    pausedFrom = now
  }

  const count = Effect.gen(function* () {
    for (let counted = 0; left > 1e-6 && counted < maxParts;) {
      partFrom = mono()
      paused = 0
      yield* Effect.sleep(Math.min(part, left))
      addPause()
      const wasFrozen = mono() - partFrom >= 2 * part
      if (!wasFrozen) left -= Math.max(0, part - paused)
      if (paused === 0) counted += 1
    }
    left = 0
  })
  return {
    /** Ends when the time is up. */
    elapsed: count,
    /** Milliseconds left. */
    left: (): number => Math.max(0, left - Math.min(part, mono() - partFrom)),
    /** Runs an effect that has a time limit of its own, and does not count its time. */
    pausedFor: <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.suspend(() => {
        pausedFrom = mono()
        return Effect.ensuring(
          effect,
          Effect.sync(() => {
            addPause()
            pausedFrom = undefined
          })
        )
      })
  }
})

/** Fails with `onTimeout` when the effect takes longer than `millis` milliseconds in which the process is awake. */
export const timeoutAwake = <A, E, R, E2>(
  effect: Effect.Effect<A, E, R>,
  millis: number,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> =>
  Effect.flatMap(makeAwakeTimer(millis), ({ elapsed }) =>
    Effect.raceFirst(
      effect,
      Effect.andThen(
        elapsed,
        Effect.suspend(() => Effect.fail(onTimeout()))
      )
    )
  )
