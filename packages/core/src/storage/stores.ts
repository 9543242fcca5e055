import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { TokenkeepError } from "../errors/TokenkeepError.ts"
import { FallbackStorage } from "../ports/FallbackStorage.ts"
import { type StorageFailure, TokenStorage } from "../ports/TokenStorage.ts"
import { clocks } from "../runtime/clocks.ts"
import { count } from "../telemetry/Telemetry.ts"
import type { TokenEvent } from "../telemetry/TokenEvent.ts"
import type { LeaseStuck } from "./lease.ts"
import type { IgnoredRecord } from "./recordStore.ts"
import { makeSharedStore } from "./sharedStore.ts"
import { guardStorage, isLate } from "./storageGuard.ts"
import type { StorageSettings } from "./storageSettings.ts"

/** How long a failed storage is not used, in milliseconds: doubling from the first to the longest. */
const backOff = { first: 1_000, longest: 30_000 }

type Fault = StorageFailure | LeaseStuck

const operationOf = (fault: Fault): StorageFailure["operation"] =>
  fault._tag === "StorageFailure" ? fault.operation : "acquireLease"

const detailOf = (fault: Fault): string =>
  fault._tag === "StorageFailure" ? fault.detail : `the lease of ${fault.owner} does not end`

/** The error for users who chose `storageFailure: "require"`. */
export const storageError = (fault: Fault): TokenkeepError => {
  if (fault._tag === "LeaseStuck") {
    return TokenkeepError.of(
      { _tag: "LeaseTimeout", owner: fault.owner },
      {
        what: `Another client (${fault.owner}) has owned the lease for longer than a lease may last.`,
        fix: "Try again. If it happens again, check the clocks of the storage and of its hosts."
      }
    )
  }
  const { detail, insecure = false, operation, retryable } = fault
  if (insecure) {
    return TokenkeepError.of(
      { _tag: "StorageInsecure" },
      {
        what: `Other users may write where tokens are stored: ${detail}.`,
        fix: "Use a folder or database that only this application can write to."
      }
    )
  }
  return TokenkeepError.of(
    { _tag: "StorageFailed", operation },
    {
      what: `The storage failed (${operation}: ${detail}).`,
      fix: "Fix the storage; the client recovers automatically.",
      retryable
    }
  )
}

/** The code that encrypts is loaded only for clients that do. */
const sealsOf = Effect.fnUntraced(function* (keys: StorageSettings["encryptionKeys"]) {
  if (keys.length === 0) return []
  const { makeSeal } = yield* Effect.promise(() => import("./sealing.ts"))
  return yield* Effect.forEach(keys, makeSeal)
})

export type Stores = Effect.Success<ReturnType<typeof makeStores>>

/** The storage, its fallback, and whether the first one works. */
export const makeStores = Effect.fnUntraced(function* (
  settings: StorageSettings & {
    readonly leaseMillis: number
    readonly owner: string
    readonly holdsKey: (text: string) => boolean
    readonly holdsSecret: (text: string) => boolean
  },
  notify: { readonly emit: (event: TokenEvent) => void; readonly saveRetried: () => void }
) {
  const { emit, saveRetried } = notify
  const { grace, holdsKey, holdsSecret, isRequired, leaseMillis, owner, timeout } = settings
  const storage = yield* TokenStorage
  const fallback = yield* FallbackStorage
  const { mono, wall } = yield* clocks
  const seals = yield* sealsOf(settings.encryptionKeys)
  let failures = 0
  let unusedUntil = 0

  const degrade = (fault: Fault) =>
    Effect.gen(function* () {
      failures += 1
      unusedUntil = mono() + Math.min(backOff.first * 2 ** (failures - 1), backOff.longest)
      if (failures > 1) return
      const operation = operationOf(fault)
      emit({ type: "storage-degraded", at: wall(), operation, detail: detailOf(fault) })
      yield* count("storageFailures", { operation })
    })

  /**
   * Retries an operation until the grace is over, unless the storage is known to fail or a retry cannot help. The time for
   * which the process was frozen must not use up the grace: one try counts at most twice its timeout. It does not count if
   * the adapter failed later than that, because awake, the try would have ended before. A client of the storage may count
   * the time of a freeze, as node-redis does when it connects.
   */
  const withRetries = <A>(operation: Effect.Effect<A, StorageFailure>, onRetry: () => void = () => undefined) =>
    Effect.gen(function* () {
      let left = failures > 0 ? 0 : grace
      for (;;) {
        const startedAt = mono()
        const result = yield* Effect.result(operation)
        if (result._tag === "Success") return result.success
        const took = mono() - startedAt
        if (took < timeout * 2 || isLate(result.failure)) left -= Math.min(took, timeout * 2)
        const { insecure = false, retryable = !insecure } = result.failure
        if (!retryable || left <= 0) return yield* result.failure
        onRetry()
        const pause = 50 + 100 * (yield* Random.next)
        yield* Effect.sleep(pause)
        left -= pause
      }
    })

  const retrying = (place: TokenStorage["Service"]): TokenStorage["Service"] => {
    const { acquireLease, exclusive } = place
    return {
      ...place,
      load: (name) => withRetries(place.load(name)),
      save: (name, stored, quiet) => withRetries(place.save(name, stored, quiet), saveRetried),
      ...(acquireLease && { acquireLease: (name, request) => withRetries(acquireLease(name, request)) }),
      ...(exclusive && {
        exclusive: {
          load: (name) => withRetries(exclusive.load(name)),
          // Repeating it is safe: the version says that it is the same change.
          replace: (name, change) => withRetries(exclusive.replace(name, change))
        }
      })
    }
  }

  const options = {
    owner,
    leaseMillis,
    seals,
    isExclusive: settings.isExclusive,
    holdsKey,
    onIgnored: (why: IgnoredRecord) => emit({ type: "record-ignored", at: wall(), why }),
    onSaveFailed: degrade
  }

  /** Runs a renewal over the storage, and records its result: the storage fails, or it works again. */
  const observed = <A>(renewal: Effect.Effect<A, TokenkeepError | Fault>) =>
    Effect.gen(function* () {
      const before = failures
      const result = yield* Effect.result(renewal)
      if (result._tag === "Failure" && result.failure._tag !== "TokenkeepError") {
        yield* degrade(result.failure)
        return yield* isRequired ? storageError(result.failure) : result.failure
      }
      if (failures === before) {
        if (failures > 0) emit({ type: "storage-recovered", at: wall() })
        failures = 0
      }
      return result._tag === "Success" ? result.success : yield* result.failure
    })

  const guarded = guardStorage(storage, timeout, holdsSecret)

  /** Checks whether a failed storage works again: reads the record, and writes another one that is removed at once. */
  const probe = (name: string) =>
    observed(
      Effect.gen(function* () {
        const probeName = `${name}-probe`
        yield* guarded.load(name)
        yield* guarded.save(probeName, { text: "probe", fence: 1 })
        yield* guarded.remove(probeName)
      })
    )

  const retried = retrying(guarded)

  return {
    primary: makeSharedStore(retried, options),
    /** The records that must not be lost, with retries and without, if the storage has them. */
    exclusive: retried.exclusive && guarded.exclusive && ([retried.exclusive, guarded.exclusive] as const),
    remove: guarded.remove,
    seals,
    fallback:
      fallback === undefined
        ? undefined
        : makeSharedStore(guardStorage(fallback, timeout, holdsSecret), {
            ...options,
            onSaveFailed: () => Effect.void
          }),
    observed,
    probe,
    capabilities: storage.capabilities,
    isUsable: () => isRequired || failures === 0 || mono() >= unusedUntil,
    isDegraded: () => failures > 0,
    /** How long until a failed storage is checked again, in milliseconds; `Infinity` while it works. */
    probeIn: () => (failures > 0 ? Math.max(0, unusedUntil - mono()) : Infinity)
  }
})
