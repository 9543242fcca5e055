import type { TokenStorage, Transport } from "@tokenkeep/core"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import * as Layer from "effect/Layer"

// The one file of this package that knows adapters: what both doors use where the user names none.

/** One for all clients: it keeps no state. */
export const defaultTransport: Layer.Layer<Transport> = FetchTransport.layer()

/** A new one a client: tokens are shared only where the user shares a storage. */
export const defaultStorage = (): Layer.Layer<TokenStorage> => MemoryStorage.layer()

/** One for all clients: while a storage fails, the process has one issuer, and its clients one token. */
export const defaultFallback: Layer.Layer<TokenStorage> = MemoryStorage.layer()
