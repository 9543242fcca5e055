import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

/** Ends at the next notification. */
interface Watcher {
  next: Deferred.Deferred<void>
}

const wake = ({ next }: Watcher): void => void Deferred.doneUnsafe(next, Exit.void)

/** Wakes the watchers of a name when its record or lease changes. A name without watchers uses no memory. */
export const makeWatchers = () => {
  const watchers = new Map<string, Set<Watcher>>()

  const add = (name: string) =>
    Effect.sync(() => {
      const watcher: Watcher = { next: Deferred.makeUnsafe() }
      const others = watchers.get(name) ?? new Set()
      watchers.set(name, others.add(watcher))
      return watcher
    })

  const remove = (name: string, watcher: Watcher) =>
    Effect.sync(() => {
      const others = watchers.get(name)
      others?.delete(watcher)
      if (others?.size === 0) watchers.delete(name)
      // A fiber that is still waiting continues when its scope is closed.
      wake(watcher)
    })

  return {
    notify: (name: string): void => watchers.get(name)?.forEach(wake),

    /** Returns an effect that waits for the next notification since it last completed. */
    watch: (name: string) =>
      Effect.map(
        Effect.acquireRelease(add(name), (watcher) => remove(name, watcher)),
        (watcher) =>
          Effect.andThen(
            Effect.suspend(() => Deferred.await(watcher.next)),
            Effect.sync(() => {
              watcher.next = Deferred.makeUnsafe()
            })
          )
      ),

    /** How many names have watchers. */
    size: () => watchers.size
  }
}
