import { createTokenKeepPool, PooledClient, type TokenPool } from "@tokenkeep/core"
import type { DeeplyCollections } from "./collections/Collection.ts"
import { lazyCollections } from "./collections/lazyCollections.ts"
import type { DeeplyClient } from "./createDeeply.ts"
import { defaultStorage, defaultTransport } from "./defaultAdapters.ts"
import type { CreateDeeplyPoolOptions } from "./options/DeeplyPoolOptions.ts"
import { resolvePoolOptions } from "./options/resolvePoolOptions.ts"

/**
 * Creates the clients of many customers, each with an API key of its own. They share one storage and one transport.
 *
 * Throws `CONFIG_INVALID` or `INSECURE_ORIGIN` if an option is wrong. It sends nothing until a client is used.
 *
 * @param options.apiKey Returns the API key of a customer, or a promise of it.
 *
 * @example
 * ```ts
 * import { createDeeplyPool } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * await using server = await startFakeDeeply()
 * const keys = new Map([["acme", server.apiKey]])
 * await using pool = createDeeplyPool({ apiKey: (id) => keys.get(id), host: server.host })
 * console.log((await pool.client("acme").events.list()).total_cnt) // => 100
 * ```
 */
export const createDeeplyPool = (options: CreateDeeplyPoolOptions): TokenPool<DeeplyClient> => {
  const { apiFor, host, pool } = resolvePoolOptions(options, "transport", "storage", "telemetry")
  const { storage = defaultStorage(), transport = defaultTransport } = options

  class PooledDeeply extends PooledClient implements DeeplyClient {
    #made: DeeplyCollections | undefined

    get #collections(): DeeplyCollections {
      return (this.#made ??= lazyCollections(this, apiFor(this.id)))
    }

    get host() {
      return host
    }

    get events() {
      return this.#collections.events
    }

    get mics() {
      return this.#collections.mics
    }
  }
  return createTokenKeepPool({ ...pool, transport, storage }, PooledDeeply)
}
