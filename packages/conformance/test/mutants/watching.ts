import type { StoredText } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { isLate, type Place, sharedMap, step } from "../support/SharedMap.ts"
import type { Mutant } from "./Mutant.ts"

/** Watches in another way. */
const watchingBy =
  (watch: (place: Place, name: string) => Effect.Effect<Effect.Effect<void>, never, Scope.Scope>) =>
  (place: Place) => ({
    ...sharedMap(place),
    watch: (name: string) => watch(place, name)
  })

/** Registers a latch for as long as the scope is open, and forgets those who wait. */
const registered = (place: Place, name: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const watcher = [name, Latch.makeUnsafe()] as const
        place.watchers.add(watcher)
        return watcher
      }),
      (watcher) => Effect.sync(() => place.watchers.delete(watcher))
    ),
    ([, latch]) => latch
  )

const again = (latch: Latch.Latch) => Effect.andThen(latch.await, Effect.asVoid(latch.close))

export const watching: ReadonlyArray<Mutant> = [
  {
    mistake: "never wakes",
    open: watchingBy(() => Effect.succeed(Effect.never)),
    caughtBy: ["save-wakes", "release-wakes"]
  },
  {
    mistake: "wakes once, and never again",
    open: (place) => {
      const { watch, ...others } = sharedMap(place)
      const once = (next: Effect.Effect<void>) => {
        let woken = false
        return Effect.suspend(() => {
          if (woken) return Effect.never
          woken = true
          return next
        })
      }
      return { ...others, watch: (name) => Effect.map(watch!(name), once) }
    },
    caughtBy: ["save-wakes"]
  },
  {
    mistake: "wakes for a save, not for a release",
    open: (place) => {
      const silent = sharedMap({ ...place, watchers: new Set<never>() })
      return { ...sharedMap(place), exclusive: (name, request) => silent.exclusive!(name, request) }
    },
    caughtBy: ["release-wakes"]
  },
  {
    mistake: "wakes only who waits at that moment",
    open: watchingBy((place, name) =>
      Effect.map(registered(place, name), (latch) => Effect.suspend(() => Effect.andThen(latch.close, latch.await)))
    ),
    caughtBy: ["change-before-waiting-counts"]
  },
  {
    mistake: "wakes one of those who watch",
    open: (place) => ({
      ...sharedMap(place),
      save: (name: string, stored: StoredText) =>
        step(place, "save", () => {
          if (isLate(place, name, stored.fence)) return false
          place.records.set(name, stored)
          const [first] = [...place.watchers].filter(([watched]) => watched === name)
          first?.[1].openUnsafe()
          return true
        })
    }),
    caughtBy: ["all-watchers-wake"]
  },
  {
    mistake: "wakes without end",
    open: watchingBy((place, name) => Effect.map(registered(place, name), () => Effect.yieldNow)),
    caughtBy: ["watch-rests"]
  },
  {
    mistake: "wakes without end once it has woken",
    open: watchingBy((place, name) => Effect.map(registered(place, name), (latch) => latch.await)),
    caughtBy: ["watch-rests"]
  },
  {
    mistake: "leaves its waiters behind when the watch ends",
    open: watchingBy((place, name) => Effect.map(registered(place, name), again)),
    caughtBy: ["watch-ends-with-its-scope"]
  },
  {
    mistake: "waits at a save until every watcher has looked",
    open: (place) => {
      const { save, ...others } = sharedMap(place)
      return {
        ...others,
        save: (name, stored) =>
          Effect.tap(save(name, stored), () =>
            Effect.forEach([...place.watchers], ([, latch]) =>
              Effect.repeat(Effect.yieldNow, { while: () => latch.isOpen() })
            )
          )
      }
    },
    caughtBy: ["idle-watcher-holds-up-nobody"]
  },
  {
    mistake: "tells each watcher through a queue of two, and waits for room",
    open: (place) => {
      const queues = queuesOf(place)
      const { save, ...others } = sharedMap(place)
      return {
        ...others,
        save: (name, stored) =>
          Effect.tap(save(name, stored), () =>
            Effect.forEach([...queues], (queue) => Queue.offer(queue, undefined), { discard: true })
          ),
        watch: () =>
          Effect.map(
            Effect.acquireRelease(
              Effect.tap(Queue.bounded<undefined>(2), (queue) => Effect.sync(() => queues.add(queue))),
              (queue) =>
                Effect.andThen(
                  Effect.sync(() => queues.delete(queue)),
                  Queue.shutdown(queue)
                )
            ),
            (queue) => Effect.asVoid(Queue.take(queue))
          )
      }
    },
    caughtBy: ["idle-watcher-holds-up-nobody"]
  }
]

const queues = new WeakMap<Place, Set<Queue.Queue<undefined>>>()

function queuesOf(place: Place): Set<Queue.Queue<undefined>> {
  const found = queues.get(place) ?? new Set()
  queues.set(place, found)
  return found
}
