import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Lease, LeaseTaken, StorageFailure, TokenStorage } from "../ports/TokenStorage.ts"
import { requestsAreIsolated } from "../runtime/isolation.ts"
import type { CredentialRecord } from "./record.ts"
import { type IgnoredRecord, recordStore } from "./recordStore.ts"
import type { Seal } from "./sealing.ts"

/** A storage as a renewal uses it. Saving never fails: the token is used even if it cannot be stored. */
export interface SharedStore {
  readonly load: (name: string) => Effect.Effect<CredentialRecord | undefined, StorageFailure>
  /** Returns whether the record was saved: false if another client has a newer lease. A quiet save wakes no client. */
  readonly save: (
    name: string,
    record: CredentialRecord,
    fence: number | undefined,
    quiet?: boolean
  ) => Effect.Effect<boolean>
  /** Asks once for the lease, which is released when the scope ends; `undefined` if the storage has no leases. */
  readonly lease?: (name: string) => Effect.Effect<Lease | LeaseTaken, StorageFailure, Scope.Scope>
  readonly watch?: (name: string) => Effect.Effect<Effect.Effect<void>, StorageFailure, Scope.Scope>
}

/** Without a storage: loads return nothing, and saves do nothing. */
export const noStore: SharedStore = { load: () => Effect.undefined, save: () => Effect.succeed(true) }

export const makeSharedStore = (
  storage: TokenStorage["Service"],
  options: {
    readonly owner: string
    readonly leaseMillis: number
    readonly seals: ReadonlyArray<Seal>
    readonly isExclusive: boolean
    readonly holdsKey: (text: string) => boolean
    readonly onIgnored: (why: IgnoredRecord) => void
    readonly onSaveFailed: (failure: StorageFailure) => Effect.Effect<void>
  }
): SharedStore => {
  const { leaseMillis, onSaveFailed, owner } = options
  const { acquireLease, load, save, watch } = recordStore(storage, options)
  const release = (lease: Lease | LeaseTaken) => (lease._tag === "Lease" ? Effect.exit(lease.release) : Effect.void)
  return {
    load,
    save: (name, record, fence, quiet) =>
      Effect.catchTag(save(name, record, fence, quiet), "StorageFailure", (failure) =>
        Effect.as(onSaveFailed(failure), true)
      ),
    ...(acquireLease && {
      lease: (name) =>
        Effect.acquireRelease(acquireLease(name, { owner, millis: leaseMillis }), release, { interruptible: true })
    }),
    // A change that another request made would continue this renewal in that request.
    ...(watch && !requestsAreIsolated() && { watch })
  }
}
