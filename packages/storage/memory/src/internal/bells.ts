import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"

/** Wakes those who watch a name. Nothing is kept of a name that nobody watches. */
export const makeBells = () => {
  const watchers = new Map<string, Set<Latch.Latch>>()

  const add = (name: string) =>
    Effect.sync(() => {
      const latch = Latch.makeUnsafe()
      const others = watchers.get(name) ?? new Set()
      watchers.set(name, others.add(latch))
      return latch
    })

  const remove = (name: string, latch: Latch.Latch) =>
    Effect.sync(() => {
      const others = watchers.get(name)
      others?.delete(latch)
      if (others?.size === 0) watchers.delete(name)
      // Whoever still waits is let go.
      latch.openUnsafe()
    })

  return {
    ring: (name: string): void => watchers.get(name)?.forEach((latch) => void latch.openUnsafe()),

    /** What it gives ends with the next ring after the one it ended with last. */
    watch: (name: string) =>
      Effect.map(
        Effect.acquireRelease(add(name), (latch) => remove(name, latch)),
        (latch) => Effect.andThen(latch.await, Effect.asVoid(latch.close))
      ),

    /** How many names are watched. */
    size: () => watchers.size
  }
}
