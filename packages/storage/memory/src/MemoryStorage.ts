import { type StoredText, TokenStorage } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const layer = (): Layer.Layer<TokenStorage> =>
  Layer.sync(TokenStorage, () => {
    const records = new Map<string, StoredText>()
    return {
      capabilities: { durable: false, shared: false, exclusive: false, watch: false },
      load: (name) => Effect.sync(() => records.get(name)),
      save: (name, stored) =>
        Effect.sync(() => {
          const last = records.get(name)
          // A late writer must not put an older token over a newer one.
          if (last !== undefined && last.fence > stored.fence) return false
          records.set(name, stored)
          return true
        }),
      remove: (name) => Effect.sync(() => void records.delete(name))
    }
  })

/**
 * The storage in this process's memory: nothing outlives it, nobody else sees it.
 *
 * Each call of `MemoryStorage.layer()` makes a storage of its own; clients that are given the same layer object share
 * one, and with it the token.
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
