import type { TokenPool } from "@tokenkeep/core"
import { createDeeplyPool as createWithLayers, type DeeplyPoolPromiseOptions } from "@tokenkeep/deeply"
import type { DeeplyClient } from "./createDeeply.ts"
import { type Adapters, revealed } from "./internal/revealed.ts"

/**
 * The options of a pool of clients.
 *
 * @example
 * ```ts
 * import type { CreateDeeplyPoolOptions } from "tokenkeep"
 *
 * const options: CreateDeeplyPoolOptions = { apiKey: async (id) => `sk-live-${id}`, maxOpen: 5_000 }
 * console.log(Object.keys(options).join()) // => apiKey,maxOpen
 * ```
 */
export interface CreateDeeplyPoolOptions extends DeeplyPoolPromiseOptions, Adapters {}

/**
 * Creates the clients of many customers, each with an API key of its own. They share one storage and one transport.
 *
 * @param options.apiKey Returns the API key of a customer, or a promise of it.
 *
 * Throws `CONFIG_INVALID` or `INSECURE_ORIGIN` if an option is wrong. It sends nothing until a client is used.
 *
 * @example
 * ```ts
 * import { createDeeplyPool } from "tokenkeep"
 * import { startFakeDeeply } from "tokenkeep/testing"
 *
 * await using server = await startFakeDeeply()
 * const keys = new Map([["acme", server.apiKey]])
 * await using pool = createDeeplyPool({ apiKey: (id) => keys.get(id), host: server.host })
 * console.log((await pool.client("acme").fetch("/api/v1/events")).status) // => 200
 * ```
 */
export const createDeeplyPool = (options: CreateDeeplyPoolOptions): TokenPool<DeeplyClient> =>
  createWithLayers(revealed(options))
