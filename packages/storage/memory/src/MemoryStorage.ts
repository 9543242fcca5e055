import {
  checkOptions,
  type ExclusiveRecord,
  type LeaseTaken,
  type Lease,
  type LeaseRequest,
  StorageFailure,
  type StoredRecord,
  TokenStorage
} from "@tokenkeep/core"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Grant, makeGrants } from "./grants.ts"
import { makeWatchers } from "./watchers.ts"

/** Milliseconds of the monotonic clock: setting the wall clock neither shortens nor prolongs a lease. */
const nowOf = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe() / 1_000_000n)

const make = () => {
  const records = new Map<string, StoredRecord>()
  const exclusiveRecords = new Map<string, ExclusiveRecord>()
  const grants = makeGrants()
  const watchers = makeWatchers()

  const put = <A>(all: Map<string, A>, name: string, record: A, quiet = false): true => {
    all.set(name, record)
    if (!quiet) watchers.notify(name)
    return true
  }

  /** A late writer must not overwrite a newer token, nor save after a newer lease was granted. */
  const isLate = (name: string, fence: number) =>
    fence < (records.get(name)?.fence ?? fence) || fence < (grants.lastFence(name) ?? fence)

  const savedFence = (name: string) => records.get(name)?.fence ?? 0

  const release = (name: string, grant: Grant) =>
    Effect.clockWith((clock) =>
      Effect.sync(() => {
        if (grants.end(name, grant, nowOf(clock))) watchers.notify(name)
      })
    )

  const requestLease = (name: string, request: LeaseRequest, now: number): Lease | LeaseTaken => {
    const taken = grants.leaseOfOther(name, request.owner, now)
    if (taken) return taken
    const grant = grants.grant(name, request, savedFence(name), now)
    return { _tag: "Lease", fence: grant.fence, release: release(name, grant) }
  }

  return TokenStorage.of({
    capabilities: { durable: false, shared: false, acquireLease: true, watch: true, exclusive: true },
    load: (name) => Effect.sync(() => records.get(name)),
    save: (name, { fence, text }, quiet) =>
      Effect.sync(() => !isLate(name, fence) && put(records, name, { text, fence }, quiet)),
    remove: (name) => Effect.sync(() => void records.delete(name)),
    acquireLease: (name, request) =>
      Effect.clockWith((clock) =>
        grants.canGrant(name, savedFence(name))
          ? // One synchronous step: an interruption cannot lose a lease that was granted.
            Effect.sync(() => requestLease(name, request, nowOf(clock)))
          : Effect.fail(
              new StorageFailure({ operation: "acquireLease", detail: "the fences of this record are used up" })
            )
      ),
    watch: watchers.watch,
    exclusive: {
      load: (name) => Effect.sync(() => exclusiveRecords.get(name)),
      replace: (name, { expected, fence, record }) =>
        Effect.sync(() => {
          const version = exclusiveRecords.get(name)?.version
          // A repeated call: the result of the first one was lost.
          if (version === record.version) return true
          // Without a fence, or a granted one, the comparison is false.
          if (version !== expected || grants.lastFence(name)! > fence!) return false
          return put(exclusiveRecords, name, record)
        })
    }
  })
}

const layer: () => Layer.Layer<TokenStorage> = (...given: ReadonlyArray<unknown>) => {
  checkOptions(given[0], {})
  let made: TokenStorage["Service"] | undefined
  // It lives as long as the layer: clients that are created one after the other share it too.
  return Layer.sync(TokenStorage, () => (made ??= make()))
}

/**
 * A storage that keeps tokens in the memory of this process. They are lost when it exits; no other process sees them.
 *
 * Each call of `MemoryStorage.layer()` creates a separate storage, which lives as long as the layer object. Clients that
 * receive the same object share one storage and its tokens, also one after the other: one of them renews a token, the
 * others use it.
 *
 * @example
 * ```ts
 * import { createDeeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 *
 * await using server = await startFakeDeeply()
 * const shared = { apiKey: server.apiKey, host: server.host, storage: MemoryStorage.layer() }
 * await using first = createDeeply(shared)
 * await using second = createDeeply(shared)
 * console.log((await first.token()).id === (await second.token()).id) // => true
 * ```
 */
export const MemoryStorage = { layer }
