import * as Effect from "effect/Effect"
import { type LeaseTaken, StorageFailure, type StoredRecord, TokenStorage } from "../../src/index.ts"
import { type RecordFields, recordText } from "./RecordFields.ts"
import { isProbeName } from "./StorageProbe.ts"
import { worldLeases } from "./WorldLeases.ts"
import type { WorldClock } from "./WorldClock.ts"

/** How an operation fails. */
export type Fault = "hangs" | "fails" | "throws" | "insecure"

export interface Behaviours {
  readonly load: "works" | "stale" | "corrupt" | Fault
  readonly save: "works" | "forgets" | Fault
  readonly acquireLease: "works" | Fault
  readonly release: "works" | Fault
  readonly remove: "works" | Fault
}

export type Operation = keyof Behaviours

/** How it reports changes: not at all, always, never although it claims to, or by failing. */
export type Watching = "none" | "reports" | "misses" | "fails"

/** The result of asking for a lease. */
export type LeaseResult = { readonly _tag: "Lease"; readonly fence: number } | LeaseTaken

export interface StorageObserver {
  /** An operation begins, and its outcome is known; returns what to call when an operation that hangs times out. */
  readonly called: (operation: Operation, name: string, fault: Fault | undefined) => (() => void) | undefined
  readonly loaded: (name: string, stored: StoredRecord | undefined) => void
  readonly saving: (name: string, stored: StoredRecord) => void
  readonly saved: (isSaved: boolean) => void
  readonly leaseResult: (result: LeaseResult) => void
  readonly releasing: (fence: number) => void
}

const faults: ReadonlyArray<string> = ["hangs", "fails", "throws", "insecure"] satisfies ReadonlyArray<Fault>

/** A storage that other processes use as well, and that can fail. */
export const worldStorage = (
  clock: WorldClock,
  observer: StorageObserver,
  options: { readonly acquireLease: boolean; readonly watching: Watching }
) => {
  const records = new Map<string, StoredRecord>()
  const old: Array<StoredRecord> = []
  const behaviours: { -readonly [O in Operation]: Behaviours[O] } = {
    load: "works",
    save: "works",
    acquireLease: "works",
    release: "works",
    remove: "works"
  }
  /** For how many more calls a behaviour lasts. */
  const lasting = new Map<Operation, number>()
  /** When a record was saved last under each name, in monotonic milliseconds. */
  const puts = new Map<string, number>()
  const watchers = new Set<() => void>()
  const leases = worldLeases(clock, (name) => records.get(name)?.fence ?? 0)
  let lastName = ""
  let stale = 0
  let pending = 0
  let failedAt = -Infinity

  const wake = () => {
    if (options.watching === "reports") for (const notify of watchers) notify()
  }

  const nextBehaviour = <O extends Operation>(operation: O): Behaviours[O] => {
    const behaviour = behaviours[operation]
    const left = (lasting.get(operation) ?? Infinity) - 1
    lasting.set(operation, left)
    if (left <= 0) behaviours[operation] = "works" as Behaviours[O]
    return behaviour
  }

  /** Never ends; the caller has to give up. */
  const hang = (givenUp: () => void): Effect.Effect<never> =>
    Effect.suspend(() => {
      pending += 1
      return Effect.onInterrupt(Effect.never, () =>
        Effect.sync(() => {
          pending -= 1
          givenUp()
        })
      )
    })

  const failing = (operation: Operation, fault: Fault, givenUp: () => void): Effect.Effect<never, StorageFailure> => {
    if (fault === "hangs") return hang(givenUp)
    if (fault === "throws") throw new Error("a bug in the adapter")
    const detail = "the storage is down"
    return Effect.suspend(() => Effect.fail(new StorageFailure({ operation, detail, insecure: fault === "insecure" })))
  }

  /** Does what the current behaviour allows. */
  const behaving = <A, O extends Operation>(operation: O, name: string, working: (behaviour: Behaviours[O]) => A) => {
    const behaviour = nextBehaviour(operation)
    if (behaviour !== "works") failedAt = clock.mono
    const fault = faults.includes(behaviour) ? (behaviour as Fault) : undefined
    const givenUp = observer.called(operation, name, fault) ?? (() => undefined)
    return fault === undefined ? Effect.sync(() => working(behaviour)) : failing(operation, fault, givenUp)
  }

  const load = (name: string): Effect.Effect<StoredRecord | undefined, StorageFailure> => {
    lastName = name
    return behaving("load", name, (behaviour) => {
      const found = {
        works: records.get(name),
        stale: old[stale % Math.max(1, old.length)],
        corrupt: { text: '{"id":', fence: 1 }
      }[behaviour as "works" | "stale" | "corrupt"]
      observer.loaded(name, found)
      return found
    })
  }

  const isLate = (name: string, fence: number): boolean =>
    fence < Math.max(leases.fence(name), records.get(name)?.fence ?? 0)

  const put = (name: string, stored: StoredRecord): boolean => {
    if (isLate(name, stored.fence)) return false
    records.set(name, stored)
    if (isProbeName(name)) return true
    old.push(stored)
    puts.set(name, clock.mono)
    wake()
    return true
  }

  const save = (name: string, stored: StoredRecord): Effect.Effect<boolean, StorageFailure> => {
    observer.saving(name, stored)
    return behaving("save", name, (behaviour) => {
      const isSaved = behaviour === "forgets" ? !isLate(name, stored.fence) : put(name, stored)
      observer.saved(isSaved)
      return isSaved
    })
  }

  const remove = (name: string): Effect.Effect<void, StorageFailure> =>
    behaving("remove", name, () => void records.delete(name))

  const acquireLease: NonNullable<TokenStorage["Service"]["acquireLease"]> = (name, request) =>
    behaving("acquireLease", name, () => {
      const result = leases.ask(name, request)
      observer.leaseResult(result)
      if (result._tag === "LeaseTaken") return result
      const release = Effect.suspend(() => {
        leases.givenBack(result.fence)
        observer.releasing(result.fence)
        return behaving("release", name, () => {
          if (leases.release(name, result.fence)) wake()
        })
      })
      return { ...result, release }
    })

  const watch: NonNullable<TokenStorage["Service"]["watch"]> = () =>
    Effect.suspend(() => {
      if (options.watching === "fails") return Effect.fail(new StorageFailure({ operation: "watch", detail: "no" }))
      let changes = 0
      let reported = 0
      let resumed = () => {}
      const notify = () => {
        changes += 1
        resumed()
      }
      watchers.add(notify)
      const next = Effect.callback<void>((resume) => {
        resumed = () => {
          reported = changes
          resumed = () => {}
          resume(Effect.void)
        }
        if (changes > reported) resumed()
      })
      return Effect.as(
        Effect.addFinalizer(() => Effect.sync(() => void watchers.delete(notify))),
        next
      )
    })

  return {
    leases,
    /** The name of the record that was loaded last. */
    lastName: () => lastName,
    record: (name: string) => records.get(name),
    putAt: (name: string) => puts.get(name) ?? -Infinity,
    /** When an operation failed last, in monotonic milliseconds. */
    failedAt: () => failedAt,
    worksWell: () => Object.values(behaviours).every((behaviour) => behaviour === "works"),
    /** From now on, for this many calls. */
    setBehaviour: <O extends Operation>(operation: O, behaviour: Behaviours[O], times: number, which: number) => {
      behaviours[operation] = behaviour
      lasting.set(operation, times)
      stale = which
    },
    /** How many operations are still running. */
    pending: () => pending,
    watchers: () => watchers.size,
    /** Another process saves a record with this fence. */
    otherSaves: (name: string, fields: RecordFields, fence: number): boolean =>
      put(name, { text: recordText(name, fields), fence }),
    otherReleases: (name: string, fence: number) => {
      if (leases.release(name, fence)) wake()
    },
    service: TokenStorage.of({
      capabilities: {
        durable: true,
        shared: true,
        acquireLease: options.acquireLease,
        watch: options.watching !== "none"
      },
      load,
      save,
      remove,
      ...(options.acquireLease ? { acquireLease } : undefined),
      ...(options.watching === "none" ? undefined : { watch })
    })
  }
}

export type WorldStorage = ReturnType<typeof worldStorage>
