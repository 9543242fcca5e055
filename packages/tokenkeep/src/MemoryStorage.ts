import { MemoryStorage as Memory } from "@tokenkeep/storage-memory"
import { storages, type TokenStorage } from "./TokenStorage.ts"

/**
 * Stores tokens in the memory of this process. Each client has its own by default. `layer()` creates a storage: pass the
 * same one to clients that share a token.
 *
 * @example
 * ```ts
 * import { createDeeply, MemoryStorage } from "tokenkeep"
 *
 * await using deeply = createDeeply({ apiKey: "sk-live-2f6c1d", storage: MemoryStorage.layer() })
 * console.log(deeply.status().state) // => empty
 * ```
 */
export const MemoryStorage = {
  layer: (...none: []): TokenStorage => storages.hide(Memory.layer(...none))
}
