import type { TokenStorage, Transport } from "@tokenkeep/core"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import type * as Layer from "effect/Layer"

// The only file of this package that imports adapters: the ones that both APIs use by default.

/** All clients share one transport; it has no state. */
export const defaultTransport: Layer.Layer<Transport> = FetchTransport.layer()

/** Each client gets a storage of its own: only clients that are given the same storage share a token. */
export const defaultStorage = (): Layer.Layer<TokenStorage> => MemoryStorage.layer()

/** All clients share one fallback: while a storage fails, the clients of this process still share one token. */
export const defaultFallback: Layer.Layer<TokenStorage> = MemoryStorage.layer()
