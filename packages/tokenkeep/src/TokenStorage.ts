import type { TokenStorage as Port } from "@tokenkeep/core"
import { opaque } from "./internal/opaque.ts"

declare const kind: unique symbol

/**
 * Where tokens are stored. {@link MemoryStorage}, `tokenkeep/file` and `tokenkeep/redis` make one. Clients that use the same
 * object share one token.
 *
 * @example
 * ```ts
 * import { createDeeply, MemoryStorage, type TokenStorage } from "tokenkeep"
 * import { startFakeDeeply } from "tokenkeep/testing"
 *
 * const storage: TokenStorage = MemoryStorage.layer()
 * await using server = await startFakeDeeply()
 * await using first = createDeeply({ apiKey: server.apiKey, host: server.host, storage })
 * await using second = createDeeply({ apiKey: server.apiKey, host: server.host, storage })
 * console.log((await first.token()).id === (await second.token()).id) // => true
 * ```
 */
export interface TokenStorage {
  readonly [kind]: "TokenStorage"
}

/** The storages that this package made. */
export const storages = opaque<Port, TokenStorage>(
  "storage",
  "Pass MemoryStorage.layer(), FileStorage.layer() of tokenkeep/file or RedisStorage.layer() of tokenkeep/redis."
)
