import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/**
 * An opaque string under a name, with the fence that it was saved with.
 *
 * @example
 * ```ts
 * import type { StoredRecord } from "@tokenkeep/core"
 *
 * const stored: StoredRecord = { text: "opaque", fence: 1 }
 * console.log(stored.fence) // => 1
 * ```
 */
export interface StoredRecord {
  /** Well-formed Unicode: a lone surrogate may be changed. */
  readonly text: string
  /** A safe integer that grows with each lease: a late writer, whose fence is lower, is refused. */
  readonly fence: number
}

/**
 * A failed storage operation. Core continues without the storage and reports it in an event, or fails with
 * `STORAGE_FAILED` or `STORAGE_INSECURE` if the user chose that.
 *
 * @example
 * ```ts
 * import { StorageFailure } from "@tokenkeep/core"
 *
 * console.log(new StorageFailure({ operation: "load", detail: "disk full" }).operation) // => load
 * ```
 */
export class StorageFailure extends Data.TaggedError("StorageFailure")<{
  readonly operation: "load" | "save" | "replace" | "remove" | "acquireLease" | "release" | "watch"
  /** What happened, in a few words and without secrets; never the message of another library's error. */
  readonly detail: string
  /** Other users may read or write what is stored: it is not retried, since an operator must fix it. */
  readonly insecure?: boolean
  /** `false` if only an operator can end it, as with a wrong password or a read-only disk: it is not retried. */
  readonly retryable?: boolean
}> {}

/**
 * What a storage can do.
 *
 * @example
 * ```ts
 * import type { StorageCapabilities } from "@tokenkeep/core"
 *
 * const capabilities: StorageCapabilities = { durable: false, shared: false, acquireLease: false, watch: false }
 * console.log(capabilities.durable) // => false
 * ```
 */
export interface StorageCapabilities {
  /** Records outlive the process. */
  readonly durable: boolean
  /** Other processes see the records. */
  readonly shared: boolean
  /** It has leases: `acquireLease` is implemented. */
  readonly acquireLease: boolean
  /** It reports changes: `watch` is implemented. */
  readonly watch: boolean
  /** It keeps records that must not be lost: `exclusive` is implemented; false by default. */
  readonly exclusive?: boolean | undefined
}

/**
 * The longest lease, in milliseconds. A lease that claims to last longer is damaged, or not of a client: core does not
 * wait for it, and an adapter may grant the lease to another client.
 *
 * @example
 * ```ts
 * import { type LeaseRequest, maxLeaseMillis } from "@tokenkeep/core"
 *
 * const request: LeaseRequest = { owner: "7f3a9c", millis: maxLeaseMillis }
 * console.log(request.millis) // => 60000
 * ```
 */
export const maxLeaseMillis = 60_000

/**
 * A request for a lease.
 *
 * @example
 * ```ts
 * import type { LeaseRequest } from "@tokenkeep/core"
 *
 * const request: LeaseRequest = { owner: "7f3a9c", millis: 12_000 }
 * console.log(request.millis) // => 12000
 * ```
 */
export interface LeaseRequest {
  /** The random id of the client. The owner of a lease gets it again, with a higher fence and for its full time. */
  readonly owner: string
  /** How long the lease lasts, in milliseconds, even if its owner crashes; {@link maxLeaseMillis} at most. */
  readonly millis: number
}

/**
 * A lease: until it ends, is released, or its owner is known to have died, no other client gets one for this name.
 *
 * @example
 * ```ts
 * import type { Lease } from "@tokenkeep/core"
 * import * as Effect from "effect/Effect"
 *
 * const lease: Lease = { _tag: "Lease", fence: 1, release: Effect.void }
 * console.log(lease.fence) // => 1
 * ```
 */
export interface Lease {
  readonly _tag: "Lease"
  /** A safe integer, higher than every fence granted for this name before, and than the fence of its record. */
  readonly fence: number
  /** Its owner as other clients see it in {@link LeaseTaken}, if that is more than its id, such as its process. */
  readonly owner?: string | undefined
  /**
   * Releases the lease, and notifies watchers. It does nothing if another client owns the lease, or if its owner got it
   * again: the fence identifies the lease.
   */
  readonly release: Effect.Effect<void, StorageFailure>
}

/**
 * Another client owns the lease.
 *
 * @example
 * ```ts
 * import type { LeaseTaken } from "@tokenkeep/core"
 *
 * const taken: LeaseTaken = { _tag: "LeaseTaken", owner: "7f3a9c", fence: 1, left: 9_500 }
 * console.log(taken.left) // => 9500
 * ```
 */
export interface LeaseTaken {
  readonly _tag: "LeaseTaken"
  /** Its owner, for operators: the id, and whatever else helps to find the client. */
  readonly owner: string
  /** The fence that it was granted with. */
  readonly fence: number
  /** Milliseconds until it ends, at most; never more than {@link maxLeaseMillis}. */
  readonly left: number
}

/**
 * A record that must not be lost, such as a refresh token that is replaced each time it is used. It changes only by
 * comparison: see {@link ExclusiveRecords}.
 *
 * @example
 * ```ts
 * import type { ExclusiveRecord } from "@tokenkeep/core"
 *
 * const record: ExclusiveRecord = { version: "5f1c0a9e", text: "opaque" }
 * console.log(record.version) // => 5f1c0a9e
 * ```
 */
export interface ExclusiveRecord {
  /** The random id of the write: 1 to 64 of the characters a to z, 0 to 9 and hyphen. */
  readonly version: string
  /** Well-formed Unicode, up to 64 KiB of UTF-8. */
  readonly text: string
}

/**
 * A change of a record, and what it is compared with.
 *
 * @example
 * ```ts
 * import type { ExclusiveChange } from "@tokenkeep/core"
 *
 * const change: ExclusiveChange = { expected: undefined, record: { version: "5f1c0a9e", text: "opaque" } }
 * console.log(change.record.version) // => 5f1c0a9e
 * ```
 */
export interface ExclusiveChange {
  readonly record: ExclusiveRecord
  /** The version that was loaded; `undefined` if there was no record. */
  readonly expected: string | undefined
  /** If given, the change is also refused if a lease with a higher fence was granted for this name. */
  readonly fence?: number | undefined
}

/**
 * Records that are never lost and never overwritten by accident. They never expire, and nothing prunes them. They are
 * apart from the records of `load` and `save`, even under the same name.
 *
 * @example
 * ```ts
 * import type { ExclusiveRecord, ExclusiveRecords } from "@tokenkeep/core"
 * import * as Effect from "effect/Effect"
 *
 * const records = new Map<string, ExclusiveRecord>()
 * const exclusive: ExclusiveRecords = {
 *   load: (name) => Effect.sync(() => records.get(name)),
 *   replace: (name, { expected, record }) =>
 *     Effect.sync(() => {
 *       const version = records.get(name)?.version
 *       if (version === record.version) return true
 *       if (version !== expected) return false
 *       records.set(name, record)
 *       return true
 *     })
 * }
 * await Effect.runPromise(exclusive.replace("name", { expected: undefined, record: { version: "1", text: "first" } }))
 * console.log(
 *   await Effect.runPromise(exclusive.replace("name", { expected: undefined, record: { version: "2", text: "late" } }))
 * ) // => false
 * ```
 */
export interface ExclusiveRecords {
  /** `undefined` only if there is no record: one that cannot be read is a failure that is not retryable. */
  readonly load: (name: string) => Effect.Effect<ExclusiveRecord | undefined, StorageFailure>
  /**
   * Replaces the record if its version is the expected one, and notifies watchers. Returns whether the record is now the
   * new one, which includes a repeated call whose first result was lost: the record with the same version is already
   * there. What was replaced is as durable as the storage can make it before this returns.
   */
  readonly replace: (name: string, change: ExclusiveChange) => Effect.Effect<boolean, StorageFailure>
}

/**
 * PORT: where a token is stored. An adapter stores opaque strings by name: it never decodes, encrypts or decides when to
 * renew.
 *
 * A name is a well-formed string of 1 to 200 characters, case-sensitive and significant to the last character; core uses
 * a to z, 0 to 9 and hyphens. An operation does nothing until it is run, and may be run again. An interrupted one stops
 * or finishes soon; a failed one fails with {@link StorageFailure}, for any input.
 *
 * @example
 * ```ts
 * import { TokenStorage, type StoredRecord } from "@tokenkeep/core"
 * import * as Effect from "effect/Effect"
 *
 * const records = new Map<string, StoredRecord>()
 * const storage = TokenStorage.of({
 *   capabilities: { durable: false, shared: false, acquireLease: false, watch: false },
 *   load: (name) => Effect.sync(() => records.get(name)),
 *   save: (name, stored) =>
 *     Effect.sync(() => {
 *       if (stored.fence < (records.get(name)?.fence ?? stored.fence)) return false
 *       records.set(name, stored)
 *       return true
 *     }),
 *   remove: (name) => Effect.sync(() => void records.delete(name))
 * })
 * await Effect.runPromise(storage.save("name", { text: "opaque", fence: 2 }))
 * console.log(await Effect.runPromise(storage.save("name", { text: "late", fence: 1 }))) // => false
 * ```
 */
export class TokenStorage extends Context.Service<
  TokenStorage,
  {
    readonly capabilities: StorageCapabilities
    readonly load: (name: string) => Effect.Effect<StoredRecord | undefined, StorageFailure>
    /**
     * Saves and notifies watchers, unless the record has a higher fence, or a lease with a higher fence was granted, even
     * if that lease has ended (it is remembered for an hour at least). Returns whether it saved. If `quiet` is true,
     * watchers need not be notified: the record contains nothing that they wait for.
     */
    readonly save: (name: string, stored: StoredRecord, quiet?: boolean) => Effect.Effect<boolean, StorageFailure>
    /** Removes the record, if there is one. The lease and the granted fences stay. */
    readonly remove: (name: string) => Effect.Effect<void, StorageFailure>
    /**
     * Asks once for the lease of a name, without waiting for it. A lease whose owner is known to have died is granted to
     * another client at once. If the request is interrupted, no lease remains that its owner does not know of.
     */
    readonly acquireLease?: (name: string, request: LeaseRequest) => Effect.Effect<Lease | LeaseTaken, StorageFailure>
    /**
     * Watches a name while the scope is open. The returned effect ends with the next release, or save that is not quiet. It
     * may end without one, and may miss one, so callers also poll. When the scope closes, waiting callers continue.
     */
    readonly watch?: (name: string) => Effect.Effect<Effect.Effect<void>, StorageFailure, Scope.Scope>
    /** Records that must not be lost; a storage without them cannot hold refresh tokens. */
    readonly exclusive?: ExclusiveRecords
  }
>()("@tokenkeep/core/TokenStorage") {}
