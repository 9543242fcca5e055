import { type Held, type Lease, StorageFailure, type StoredText, TokenStorage } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"

export type Service = TokenStorage["Service"]
export type Operation = StorageFailure["operation"]

export interface Granted {
  readonly owner: string
  readonly fence: number
  until: number
}

/** A place in memory that several "processes" open: what a disk or a server is to other adapters. */
export interface Place {
  readonly records: Map<string, StoredText>
  readonly leases: Map<string, Granted>
  readonly watchers: Set<readonly [name: string, latch: Latch.Latch]>
  broken: boolean
}

export const makePlace = Effect.sync((): Place => ({
  records: new Map(),
  leases: new Map(),
  watchers: new Set(),
  broken: false
}))

export const wake = ({ watchers }: Place, name: string): void => {
  for (const [watched, latch] of watchers) if (watched === name) latch.openUnsafe()
}

export const isLate = ({ leases, records }: Place, name: string, fence: number): boolean =>
  fence < (records.get(name)?.fence ?? fence) || fence < (leases.get(name)?.fence ?? fence)

export const put = (place: Place, name: string, stored: StoredText): boolean => {
  if (isLate(place, name, stored.fence)) return false
  place.records.set(name, stored)
  wake(place, name)
  return true
}

export const heldBy = ({ leases }: Place, name: string, owner: string, now: number): Held | undefined => {
  const lease = leases.get(name)
  if (lease === undefined || lease.until <= now || lease.owner === owner) return undefined
  return { _tag: "Held", owner: lease.owner, fence: lease.fence, left: lease.until - now }
}

export const nextFence = ({ leases, records }: Place, name: string): number =>
  Math.max(leases.get(name)?.fence ?? 0, records.get(name)?.fence ?? 0) + 1

export const free = (place: Place, name: string, granted: Granted): void => {
  if (place.leases.get(name) !== granted) return
  granted.until = 0
  wake(place, name)
}

export const grant = (place: Place, name: string, granted: Granted): Lease => {
  place.leases.set(name, granted)
  return { _tag: "Lease", fence: granted.fence, release: step(place, "release", () => free(place, name, granted)) }
}

/** One step that nothing comes between, and that fails while the place is broken. */
export const step = <A>(place: Place, operation: Operation, run: () => A): Effect.Effect<A, StorageFailure> =>
  Effect.suspend(() =>
    place.broken ? Effect.fail(new StorageFailure({ operation, detail: "the place is broken" })) : Effect.sync(run)
  )

/** An adapter that keeps every law. */
export const sharedMap = (place: Place): Service =>
  TokenStorage.of({
    capabilities: { durable: true, shared: true, exclusive: true, watch: true },
    load: (name) => step(place, "load", () => place.records.get(name)),
    save: (name, stored) => step(place, "save", () => put(place, name, stored)),
    remove: (name) => step(place, "remove", () => void place.records.delete(name)),
    exclusive: (name, { millis, owner }) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        step(
          place,
          "exclusive",
          () =>
            heldBy(place, name, owner, now) ??
            grant(place, name, { owner, fence: nextFence(place, name), until: now + millis })
        )
      ),
    watch: (name) =>
      Effect.map(
        Effect.acquireRelease(
          step(place, "watch", () => {
            const watcher = [name, Latch.makeUnsafe()] as const
            place.watchers.add(watcher)
            return watcher
          }),
          (watcher) =>
            Effect.sync(() => {
              place.watchers.delete(watcher)
              watcher[1].openUnsafe()
            })
        ),
        ([, latch]) => Effect.andThen(latch.await, Effect.asVoid(latch.close))
      )
  })
