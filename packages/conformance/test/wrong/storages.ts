import type { ExclusiveChange, Lease, LeaseRequest, LeaseTaken, StoredRecord } from "@tokenkeep/core"
import { StorageFailure } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import {
  emptyLocation,
  grant,
  type Granted,
  isLate,
  type Location,
  nextFence,
  put,
  replace,
  type Service,
  sharedMap,
  step,
  takenFrom,
  wake
} from "../support/sharedMap.ts"
import type { WrongAdapter } from "../support/wrongAdapters.ts"

type Open = (location: Location) => Effect.Effect<Service, never, Scope.Scope>

/** A correct storage with some wrong operations. */
const withWrong =
  (change: (right: ReturnType<typeof sharedMap>, location: Location) => Partial<Service>): Open =>
  (location) =>
    Effect.sync(() => {
      const right = sharedMap(location)
      return { ...right, ...change(right, location) }
    })

/** A correct storage that acquires leases in a wrong way. */
const acquiring = (acquire: (location: Location, name: string, granted: Granted, now: number) => Lease | LeaseTaken) =>
  withWrong((_, location) => ({
    acquireLease: (name, { millis, owner }) =>
      Effect.map(Clock.currentTimeMillis, (now) =>
        acquire(location, name, { owner, fence: nextFence(location, name), until: now + millis }, now)
      )
  }))

const saveAlways = (location: Location, name: string, stored: StoredRecord) =>
  step(location, "save", () => location.records.set(name, stored).has(name))

type Exclusive = ReturnType<typeof sharedMap>["exclusive"]

/** A correct storage that keeps its exclusive records in a wrong way. */
const keeping = (change: (right: Exclusive, location: Location) => Partial<Exclusive>): Open =>
  withWrong(({ exclusive }, location) => ({ exclusive: { ...exclusive, ...change(exclusive, location) } }))

/** A correct storage that replaces exclusive records in a wrong way, in one step. */
const replacing = (replaceWrong: (location: Location, name: string, change: ExclusiveChange) => boolean): Open =>
  keeping((_, location) => ({
    replace: (name, change) => step(location, "replace", () => replaceWrong(location, name, change))
  }))

const replaceAlways = (location: Location, name: string, { record }: ExclusiveChange): boolean => {
  location.exclusive.set(name, record)
  wake(location.watchers, name)
  return true
}

export const wrongStorages: ReadonlyArray<WrongAdapter<Open>> = [
  {
    mistake: "a map with lower-case names and trimmed strings that ignores fences",
    adapter: withWrong((_, location) => ({
      load: (name) => step(location, "load", () => location.records.get(name.toLowerCase()) ?? { text: "", fence: 0 }),
      save: (name, { fence, text }) =>
        saveAlways(location, name.toLowerCase(), { text: text.trim(), fence: Math.fround(fence) }),
      remove: () => step(location, "remove", () => location.records.clear())
    })),
    fails: `
      load-missing save-then-load names-are-distinct names-are-independent save-with-lower-fence large-fences
      remove-deletes remove-missing lease-after-large-fence expired-lease-cannot-save
      late-owner-cannot-overwrite`
  },
  {
    mistake: "a storage that never replaces a record",
    adapter: withWrong((_, location) => ({
      save: (name, stored) => step(location, "save", () => !location.records.has(name) && put(location, name, stored))
    })),
    fails: "save-with-higher-fence save-with-equal-fence owner-saves highest-fence-wins"
  },
  {
    mistake: "a storage that keeps everything in the process",
    adapter: () => Effect.sync(() => sharedMap(emptyLocation())),
    fails: "saves-are-shared saves-are-durable fences-are-durable fences-increase one-owner"
  },
  {
    mistake: "a storage that compares fences first and writes in two steps later",
    adapter: withWrong((_, location) => ({
      save: Effect.fnUntraced(function* (name, { fence, text }) {
        if (fence < nextFence(location, name) - 1) return false
        yield* Effect.yieldNow
        yield* saveAlways(location, name, { fence, text: text.slice(0, text.length / 2) })
        yield* Effect.yieldNow
        return yield* saveAlways(location, name, { fence, text })
      })
    })),
    fails: "highest-fence-wins no-torn-reads interrupted-save"
  },
  {
    mistake: "a storage that compares fences with the record only",
    adapter: withWrong((_, location) => ({
      save: (name, stored) =>
        Effect.suspend(() =>
          stored.fence < (location.records.get(name)?.fence ?? 0)
            ? Effect.succeed(false)
            : saveAlways(location, name, stored)
        )
    })),
    fails: "expired-lease-cannot-save"
  },
  {
    mistake: "a storage that grants the lease to everyone",
    adapter: acquiring(grant),
    fails: "one-owner lease-expires taken-names-owner"
  },
  {
    mistake: "a storage that checks the lease first and grants it later",
    adapter: withWrong((_, location) => ({
      acquireLease: Effect.fnUntraced(function* (name, { millis, owner }) {
        const now = yield* Clock.currentTimeMillis
        const taken = takenFrom(location, name, owner, now)
        if (taken) return taken
        yield* Effect.yieldNow
        const lease = grant(location, name, { owner, fence: nextFence(location, name), until: now + millis })
        yield* Effect.yieldNow
        return lease
      })
    })),
    fails: "one-owner one-takes-over interrupted-acquire"
  },
  {
    mistake: "a storage whose acquireLease waits",
    adapter: withWrong(({ acquireLease }) => ({
      acquireLease: Effect.fnUntraced(function* (name: string, request: LeaseRequest) {
        while (true) {
          const lease = yield* acquireLease(name, request)
          if (lease._tag === "Lease") return lease
          yield* Effect.sleep(5)
        }
      })
    })),
    fails: "acquire-does-not-wait"
  },
  {
    mistake: "a storage whose leases never expire, and whose LeaseTaken is wrong",
    adapter: acquiring((location, name, granted, now) => {
      const taken = takenFrom(location, name, granted.owner, now)
      if (taken) return { ...taken, owner: granted.owner, left: now + taken.left }
      return grant(location, name, { ...granted, until: Infinity })
    }),
    fails: "lease-expires taken-names-owner taken-has-time-left"
  },
  {
    mistake: "a storage whose release frees any lease of the name",
    adapter: acquiring((location, name, granted, now) => {
      const taken = takenFrom(location, name, granted.owner, now)
      const release = Effect.sync(() => void location.leases.set(name, { owner: "", fence: granted.fence, until: 0 }))
      return taken ?? { ...grant(location, name, granted), release }
    }),
    fails: "late-release superseded-release"
  },
  {
    mistake: "a storage whose leases last as long as was asked for",
    adapter: acquiring(
      (location, name, granted, now) => takenFrom(location, name, granted.owner, now) ?? grant(location, name, granted)
    ),
    fails: "lease-is-bounded"
  },
  {
    mistake: "a storage that refuses the owner of the lease, and fails at a second release",
    adapter: acquiring((location, name, granted, now) => {
      const taken = takenFrom(location, name, "", now)
      const release = Effect.suspend(() => {
        if (!location.leases.delete(name)) return Effect.die("released twice")
        return Effect.void
      })
      return taken ?? { ...grant(location, name, granted), release }
    }),
    fails: "owner-acquires-again release-frees fences-increase"
  },
  {
    mistake: "a storage that has one lease, and stores it in the record",
    adapter: withWrong(({ acquireLease, save }) => ({
      acquireLease: (name, request) =>
        Effect.tap(acquireLease("all", request), ({ fence }) => save(name, { text: "", fence }))
    })),
    fails: "leases-are-independent lease-needs-no-record"
  },
  {
    mistake: "a storage that never wakes a watcher",
    adapter: withWrong(() => ({ watch: () => Effect.succeed(Effect.never) })),
    fails: "save-wakes release-wakes change-before-wait all-watchers-wake watch-ends-with-scope"
  },
  {
    mistake: "a storage that wakes watchers without a change",
    adapter: withWrong(() => ({ watch: () => Effect.succeed(Effect.yieldNow) })),
    fails: "watch-is-quiet"
  },
  {
    mistake: "a storage whose save waits for idle watchers",
    adapter: withWrong(({ save }, { watchers }) => ({
      save: (name, stored) =>
        Effect.tap(save(name, stored), () =>
          Effect.forEach([...watchers], ([, latch]) => Effect.repeat(Effect.yieldNow, { while: () => latch.isOpen() }))
        )
    })),
    fails: "idle-watcher-does-not-block"
  },
  {
    mistake: "a storage that acts when it is called, not when its effects run",
    adapter: withWrong(({ acquireLease }, location) => ({
      load: (name) => Effect.succeed(location.records.get(name)),
      save: (name, stored) => Effect.succeed(put(location, name, stored)),
      acquireLease: (name, request) => Effect.succeed(Effect.runSync(acquireLease(name, request)))
    })),
    fails: "operations-are-lazy operations-are-repeatable"
  },
  {
    mistake: "a storage with wrong capabilities that throws",
    adapter: withWrong(({ capabilities, load, remove }) => ({
      capabilities: { ...capabilities, watch: false },
      load: (name) => {
        if (name.length > 255) throw new Error("name too long")
        return Effect.orDie(load(name))
      },
      remove: (name) => Effect.orDie(remove(name))
    })),
    fails: "capabilities-are-true failures-are-typed disabled-location-fails"
  },
  {
    mistake: "a storage that leaves timers and temporary records behind",
    adapter: withWrong(({ acquireLease, save }, { records }) => ({
      acquireLease: (name, request) =>
        Effect.tap(acquireLease(name, request), () => Effect.forkDetach(Effect.sleep(request.millis))),
      save: Effect.fnUntraced(function* (name, stored) {
        const temporary = `${name}.${records.size}.tmp`
        records.set(temporary, stored)
        yield* Effect.yieldNow
        records.delete(temporary)
        return yield* save(name, stored)
      })
    })),
    fails: "close-stops-timers no-leftovers"
  },
  {
    mistake: "a storage whose replace ignores the expected version",
    adapter: replacing(replaceAlways),
    fails: `
      replace-expects-none replace-expects-version one-replace-wins late-repeat-is-refused replaces-are-durable
      replace-compares-fences late-owner-cannot-create damaged-exclusive-fails`
  },
  {
    mistake: "a storage whose replace compares only if there is a record",
    adapter: replacing((location, name, change) =>
      location.exclusive.has(name) ? replace(location, name, change) : replaceAlways(location, name, change)
    ),
    fails: "replace-expects-version late-owner-cannot-create"
  },
  {
    mistake: "a storage whose replace compares the start of the version",
    adapter: replacing((location, name, change) => {
      const version = location.exclusive.get(name)?.version
      const isExpected = change.expected !== undefined && version?.startsWith(change.expected) === true
      return replace(location, name, isExpected ? { ...change, expected: version } : change)
    }),
    fails: "replace-expects-version"
  },
  {
    mistake: "a storage that refuses a repeated replace",
    adapter: replacing((location, name, change) => {
      const version = location.exclusive.get(name)?.version
      return version !== change.record.version && replace(location, name, change)
    }),
    fails: "replace-is-repeatable repeat-needs-no-fence replaces-are-durable"
  },
  {
    mistake: "a storage that compares fences before it looks for a repeated replace",
    adapter: replacing((location, name, change) => !isLate(location, name, change) && replace(location, name, change)),
    fails: "repeat-needs-no-fence"
  },
  {
    mistake: "a storage that remembers all versions, and takes a late repeat for a success",
    adapter: withWrong(({ exclusive }, { records }) => ({
      exclusive: {
        ...exclusive,
        replace: (name, change) =>
          Effect.map(exclusive.replace(name, change), (replaced) => {
            const id = `${name} ${change.record.version}`
            if (replaced) records.set(id, { text: "", fence: 0 })
            return records.has(id)
          })
      }
    })),
    fails: "late-repeat-is-refused no-exclusive-leftovers"
  },
  {
    mistake: "a storage whose replace ignores fences",
    adapter: replacing((location, name, change) => replace(location, name, { ...change, fence: undefined })),
    fails: "replace-compares-fences late-owner-cannot-create"
  },
  {
    mistake: "a storage whose replace needs a lease",
    adapter: replacing((location, name, change) => {
      const { fence = 0 } = location.leases.get(name) ?? {}
      return change.fence === fence && replace(location, name, change)
    }),
    fails: "replace-then-load replace-compares-fences one-replace-wins"
  },
  {
    mistake: "a storage that takes a damaged exclusive record for an absent one",
    adapter: keeping((_, location) => ({
      load: (name) => step(location, "load", () => location.exclusive.get(name)),
      replace: (name, change) =>
        step(location, "replace", () => {
          if (location.exclusive.get(name) === undefined) location.exclusive.delete(name)
          return replace(location, name, change)
        })
    })),
    fails: "damaged-exclusive-fails"
  },
  {
    mistake: "a storage that overwrites a damaged exclusive record",
    adapter: replacing((location, name, change) => {
      if (location.exclusive.get(name) === undefined) location.exclusive.delete(name)
      return replace(location, name, change)
    }),
    fails: "damaged-exclusive-fails"
  },
  {
    mistake: "a storage whose failure for a damaged exclusive record is retryable",
    adapter: keeping(({ load }) => ({
      load: (name) => Effect.mapError(load(name), ({ detail, operation }) => new StorageFailure({ operation, detail }))
    })),
    fails: "damaged-exclusive-fails"
  },
  {
    mistake: "a storage that keeps exclusive records among the others",
    adapter: withWrong(({ load, save }) => ({
      exclusive: {
        load: (name) => Effect.map(load(name), (found) => found && { version: `${found.fence}`, text: found.text }),
        replace: (name, { expected, record }) =>
          Effect.flatMap(load(name), (found) =>
            expected === (found && `${found.fence}`)
              ? save(name, { text: record.text, fence: Number(record.version) })
              : Effect.succeed(false)
          )
      }
    })),
    fails: "exclusive-is-apart"
  },
  {
    mistake: "a storage whose remove deletes the exclusive record too",
    adapter: withWrong(({ remove }, { exclusive }) => ({
      remove: (name) => Effect.tap(remove(name), () => Effect.sync(() => exclusive.delete(name)))
    })),
    fails: "exclusive-is-apart damaged-exclusive-fails"
  },
  {
    mistake: "a storage whose replace wakes no watcher",
    adapter: replacing((location, name, change) => replace({ ...location, watchers: new Set() }, name, change)),
    fails: "replace-wakes"
  },
  {
    mistake: "a storage that compares versions first and writes in two steps later, so that the last replace wins",
    adapter: keeping((_, location) => ({
      replace: Effect.fnUntraced(function* (name, change) {
        const { record } = change
        const version = location.exclusive.get(name)?.version
        if (version === record.version) return true
        if (version !== change.expected) return false
        yield* Effect.yieldNow
        replaceAlways(location, name, { ...change, record: { ...record, text: record.text.slice(1) } })
        yield* Effect.yieldNow
        return replaceAlways(location, name, change)
      })
    })),
    fails: "one-replace-wins exclusive-reads-are-whole interrupted-replace"
  },
  {
    mistake: "a storage that removes an exclusive record before it writes the next one",
    adapter: keeping((right, location) => ({
      replace: Effect.fnUntraced(function* (name, change) {
        const before = location.exclusive.get(name)
        if (before === undefined || before.version !== change.expected) return yield* right.replace(name, change)
        location.exclusive.delete(name)
        yield* Effect.yieldNow
        return replaceAlways(location, name, change)
      })
    })),
    fails: "exclusive-reads-are-whole interrupted-replace"
  },
  {
    mistake: "a storage whose exclusive records are those of the process, with lower-case names and trimmed strings",
    adapter: (location) =>
      Effect.sync(() => {
        const own = sharedMap(emptyLocation()).exclusive
        return {
          ...sharedMap(location),
          exclusive: {
            load: (name) => Effect.map(own.load(name.toLowerCase()), (found) => found ?? { version: "none", text: "" }),
            replace: (name, { record, ...change }) =>
              own.replace(name.toLowerCase(), { ...change, record: { ...record, text: record.text.trim() } })
          }
        }
      }),
    fails: `
      exclusive-missing replace-then-load exclusive-names-are-distinct replaces-are-shared replaces-are-durable`
  }
]
