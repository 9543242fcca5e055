import type { TokenStorage as Port } from "@tokenkeep/core"
import { opaque } from "./internal/opaque.ts"

declare const kind: unique symbol

/**
 * Where tokens are kept: what {@link MemoryStorage} and {@link FileStorage} make. Clients that are given the same object
 * share its token.
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

/** The storages of this package. */
export const storages = opaque<Port, TokenStorage>(
  "storage",
  "Give MemoryStorage.layer() or FileStorage.layer() of tokenkeep."
)
