import {
  type Held,
  type Lease,
  type LeaseRequest,
  StorageFailure,
  type StoredText,
  TokenStorage
} from "@tokenkeep/core"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { makeBells } from "./internal/bells.ts"
import { type Grant, makeGrants } from "./internal/grants.ts"

/** In milliseconds of the monotonic clock: a lease neither ends early nor stays when the wall clock is set. */
const nowOf = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe() / 1_000_000n)

const make = () => {
  const records = new Map<string, StoredText>()
  const grants = makeGrants()
  const bells = makeBells()

  /** A late writer must not put an older token over a newer one, nor come before the one that a newer lease will save. */
  const isLate = (name: string, fence: number) =>
    fence < (records.get(name)?.fence ?? fence) || fence < (grants.fenceOf(name) ?? fence)

  const savedFence = (name: string) => records.get(name)?.fence ?? 0

  const release = (name: string, grant: Grant) =>
    Effect.clockWith((clock) =>
      Effect.sync(() => {
        if (grants.end(name, grant, nowOf(clock))) bells.ring(name)
      })
    )

  const ask = (name: string, request: LeaseRequest, now: number): Lease | Held => {
    const held = grants.heldAgainst(name, request.owner, now)
    if (held) return held
    const grant = grants.grant(name, request, savedFence(name), now)
    return { _tag: "Lease", fence: grant.fence, release: release(name, grant) }
  }

  return TokenStorage.of({
    capabilities: { durable: false, shared: false, exclusive: true, watch: true },
    load: (name) => Effect.sync(() => records.get(name)),
    save: (name, { fence, text }) =>
      Effect.sync(() => {
        if (isLate(name, fence)) return false
        records.set(name, { text, fence })
        bells.ring(name)
        return true
      }),
    remove: (name) => Effect.sync(() => void records.delete(name)),
    exclusive: (name, request) =>
      Effect.clockWith((clock) =>
        grants.canGrant(name, savedFence(name))
          ? // In one step, so that nothing interrupts between the lease and its owner's knowing of it.
            Effect.sync(() => ask(name, request, nowOf(clock)))
          : Effect.fail(new StorageFailure({ operation: "exclusive", detail: "no fence is left for this name" }))
      ),
    watch: bells.watch
  })
}

const layer = (): Layer.Layer<TokenStorage> => Layer.sync(TokenStorage, make)

/**
 * The storage in this process's memory: nothing outlives it, nobody else sees it.
 *
 * Each call of `MemoryStorage.layer()` makes a storage of its own; clients that are given the same layer object share
 * one, and with it the token and the lease that elects who renews it (TOK-2).
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
