import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"

/** Wakes the watchers of a name when its record or lease changes. A name without watchers uses no memory. */
export const makeWatchers = () => {
  const latches = new Map<string, Set<Latch.Latch>>()

  const add = (name: string) =>
    Effect.sync(() => {
      const latch = Latch.makeUnsafe()
      const others = latches.get(name) ?? new Set()
      latches.set(name, others.add(latch))
      return latch
    })

  const remove = (name: string, latch: Latch.Latch) =>
    Effect.sync(() => {
      const others = latches.get(name)
      others?.delete(latch)
      if (others?.size === 0) latches.delete(name)
      // A fiber that is still waiting continues when its scope is closed.
      latch.openUnsafe()
    })

  return {
    notify: (name: string): void => latches.get(name)?.forEach((latch) => void latch.openUnsafe()),

    /** Returns an effect that waits for the next notification since it last completed. */
    watch: (name: string) =>
      Effect.map(
        Effect.acquireRelease(add(name), (latch) => remove(name, latch)),
        (latch) => Effect.andThen(latch.await, Effect.asVoid(latch.close))
      ),

    /** How many names have watchers. */
    size: () => latches.size
  }
}
