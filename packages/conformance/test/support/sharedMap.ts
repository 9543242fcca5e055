import {
  type ExclusiveChange,
  type ExclusiveRecord,
  type LeaseTaken,
  type Lease,
  maxLeaseMillis,
  StorageFailure,
  type StoredRecord,
  TokenStorage
} from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"

export type Service = TokenStorage["Service"]

export interface Granted {
  readonly owner: string
  readonly fence: number
  until: number
}

/** What several instances share: a disk or a server in other adapters. */
export interface Location {
  readonly records: Map<string, StoredRecord>
  readonly leases: Map<string, Granted>
  /** `undefined` stands for a damaged one. */
  readonly exclusive: Map<string, ExclusiveRecord | undefined>
  readonly watchers: Set<readonly [name: string, latch: Latch.Latch]>
  isDisabled: boolean
}

export const emptyLocation = (): Location => ({
  records: new Map(),
  leases: new Map(),
  exclusive: new Map(),
  watchers: new Set(),
  isDisabled: false
})

export const put = (location: Location, name: string, stored: StoredRecord): boolean => {
  const { leases, records, watchers } = location
  if (stored.fence < Math.max(records.get(name)?.fence ?? 0, leases.get(name)?.fence ?? 0)) return false
  records.set(name, stored)
  wake(watchers, name)
  return true
}

export const wake = (watchers: Location["watchers"], name: string): void => {
  for (const [watched, latch] of watchers) if (watched === name) latch.openUnsafe()
}

/** Whether a lease with a higher fence was granted. */
export const isLate = ({ leases }: Location, name: string, { fence }: ExclusiveChange): boolean =>
  fence !== undefined && fence < (leases.get(name)?.fence ?? fence)

export const replace = (location: Location, name: string, change: ExclusiveChange): boolean => {
  const { exclusive, watchers } = location
  const { expected, record } = change
  const version = exclusive.get(name)?.version
  if (version === record.version) return true
  if (version !== expected || isLate(location, name, change)) return false
  if (exclusive.has(name) && version === undefined) return false
  exclusive.set(name, record)
  wake(watchers, name)
  return true
}

const damaged = new StorageFailure({ operation: "load", detail: "the record is damaged", retryable: false })

export const takenFrom = ({ leases }: Location, name: string, owner: string, now: number): LeaseTaken | undefined => {
  const lease = leases.get(name)
  if (lease === undefined || lease.until <= now || lease.owner === owner) return undefined
  return { _tag: "LeaseTaken", owner: lease.owner, fence: lease.fence, left: lease.until - now }
}

export const nextFence = ({ leases, records }: Location, name: string): number =>
  Math.max(leases.get(name)?.fence ?? 0, records.get(name)?.fence ?? 0) + 1

const free = ({ leases, watchers }: Location, name: string, granted: Granted): void => {
  if (leases.get(name) !== granted) return
  granted.until = 0
  wake(watchers, name)
}

/** When a lease ends that is granted now. */
export const endOf = (millis: number, now: number): number => now + Math.min(millis, maxLeaseMillis)

export const grant = (location: Location, name: string, granted: Granted): Lease => {
  location.leases.set(name, granted)
  const release = step(location, "release", () => free(location, name, granted))
  return { _tag: "Lease", fence: granted.fence, release }
}

/** One atomic step, which fails while the location is disabled. */
export const step = <A>(
  location: Location,
  operation: StorageFailure["operation"],
  run: () => A
): Effect.Effect<A, StorageFailure> =>
  Effect.suspend(() =>
    location.isDisabled
      ? Effect.fail(new StorageFailure({ operation, detail: "the location is disabled" }))
      : Effect.sync(run)
  )

/** A correct storage. */
export const sharedMap = (location: Location) =>
  ({
    capabilities: { durable: true, shared: true, acquireLease: true, watch: true, exclusive: true },
    load: (name) => step(location, "load", () => location.records.get(name)),
    save: (name, stored) => step(location, "save", () => put(location, name, stored)),
    remove: (name) => step(location, "remove", () => void location.records.delete(name)),
    exclusive: {
      load: (name) =>
        Effect.flatMap(
          step(location, "load", () => [location.exclusive.has(name), location.exclusive.get(name)] as const),
          ([isThere, found]) => (isThere && found === undefined ? damaged : Effect.succeed(found))
        ),
      replace: (name, change) => step(location, "replace", () => replace(location, name, change))
    },
    acquireLease: (name, { millis, owner }) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        step(
          location,
          "acquireLease",
          () =>
            takenFrom(location, name, owner, now) ??
            grant(location, name, { owner, fence: nextFence(location, name), until: endOf(millis, now) })
        )
      ),
    watch: (name) =>
      Effect.map(
        Effect.acquireRelease(
          step(location, "watch", () => {
            const watcher = [name, Latch.makeUnsafe()] as const
            location.watchers.add(watcher)
            return watcher
          }),
          (watcher) =>
            Effect.sync(() => {
              location.watchers.delete(watcher)
              watcher[1].openUnsafe()
            })
        ),
        ([, latch]) => Effect.andThen(latch.await, Effect.asVoid(latch.close))
      )
  }) satisfies Service
