import type { Lease, LeaseRequest, LeaseTaken, StoredRecord } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import {
  emptyLocation,
  grant,
  type Granted,
  type Location,
  nextFence,
  put,
  type Service,
  sharedMap,
  step,
  takenFrom
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
  }
]
