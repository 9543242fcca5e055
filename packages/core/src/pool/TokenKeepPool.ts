import * as Layer from "effect/Layer"
import { disposedError } from "../errors/disposed.ts"
import { layer, optional } from "../errors/optionChecks.ts"
import { lazyBuild } from "../runtime/lazyServices.ts"
import { sharedLayer } from "../runtime/sharedLayer.ts"
import type { CreateTokenKeepOptions } from "../TokenKeep.ts"
import { fallbackLayer } from "../TokenKeepLayer.ts"
import { checkId } from "./checkId.ts"
import { makePool, type Pool } from "./makePool.ts"
import { PooledClient } from "./PooledClient.ts"
import { type PoolOptions, poolSettings } from "./poolSettings.ts"

/**
 * {@link PoolOptions} with the adapters, for the promise API.
 *
 * @example
 * ```ts
 * import type { CreateTokenKeepPoolOptions } from "@tokenkeep/core"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import { FetchTransport } from "@tokenkeep/transport-fetch"
 *
 * const adapters: Pick<CreateTokenKeepPoolOptions, "transport" | "storage"> = {
 *   transport: FetchTransport.layer(),
 *   storage: MemoryStorage.layer()
 * }
 * console.log(Object.keys(adapters).join()) // => transport,storage
 * ```
 */
export interface CreateTokenKeepPoolOptions
  extends PoolOptions, Pick<CreateTokenKeepOptions, "transport" | "storage" | "telemetry"> {}

// It mentions no type of Effect, so that a package without Effect can export it.
/**
 * The clients of many customers, which share one storage and one transport.
 *
 * @example
 * ```ts
 * import type { TokenPool } from "@tokenkeep/core"
 * import { createDeeplyPool, type DeeplyClient } from "@tokenkeep/deeply"
 *
 * await using pool: TokenPool<DeeplyClient> = createDeeplyPool({ apiKey: (id) => `sk-live-${id}` })
 * console.log(pool.client("acme").status().state, pool.size) // => empty 0
 * ```
 */
export interface TokenPool<Client> extends AsyncDisposable {
  /**
   * The client of one id: a small object that may be created for each request. Throws `CONFIG_INVALID` for an id that is
   * empty or longer than 256 characters, and `DISPOSED` after `dispose`. Its own `dispose` ends this object only.
   */
  readonly client: (id: string) => Client
  /** How many clients are open. */
  readonly size: number
  /** Ends all clients: waiting callers get `DISPOSED`. */
  readonly dispose: () => Promise<void>
}

/**
 * Creates a pool of clients for any provider. It is lazy: no I/O until the first use.
 *
 * Throws `CONFIG_INVALID` if an option is wrong. What is wrong with the options of one id is the error of that client's
 * calls.
 *
 * @param Client The class of the clients, for providers that add methods.
 *
 * @example
 * ```ts
 * import { createTokenKeepPool } from "@tokenkeep/core"
 * import { deeplyProvider } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import { FetchTransport } from "@tokenkeep/transport-fetch"
 *
 * await using server = await startFakeDeeply()
 * const provider = deeplyProvider(server.host)
 * await using pool = createTokenKeepPool({
 *   connection: () => ({ provider, apiKey: server.apiKey }),
 *   transport: FetchTransport.layer(),
 *   storage: MemoryStorage.layer()
 * })
 * console.log((await pool.client("acme").fetch("/api/v1/mics")).status, pool.size) // => 200 1
 * ```
 */
export const createTokenKeepPool = <Client extends PooledClient = PooledClient>(
  options: CreateTokenKeepPoolOptions,
  Client: new (pool: Pool, id: string) => Client = PooledClient as never
): TokenPool<Client> => {
  const { maxOpen, settingsFor } = poolSettings(options, {
    transport: layer,
    storage: layer,
    telemetry: optional(layer)
  })
  const { storage, telemetry = Layer.empty, transport } = options
  const adapters = Layer.mergeAll(
    sharedLayer(transport),
    sharedLayer(storage),
    fallbackLayer(options, sharedLayer),
    sharedLayer(telemetry)
  )
  const shared = lazyBuild((scope) => Layer.buildWithMemoMap(adapters, Layer.makeMemoMapUnsafe(), scope))
  const pool = makePool(settingsFor, shared, maxOpen)
  let disposing: Promise<void> | undefined
  const dispose = () => (disposing ??= pool.dispose().finally(shared.close))
  return {
    client: (id) => {
      if (disposing !== undefined) throw disposedError()
      return new Client(pool, checkId(id))
    },
    get size() {
      return pool.size()
    },
    dispose,
    [Symbol.asyncDispose]: dispose
  }
}
