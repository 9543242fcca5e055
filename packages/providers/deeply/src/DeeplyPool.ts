import {
  AuthorizedClient,
  type EffectPool,
  makeTokenKeepPool,
  type TokenkeepError,
  type TokenStorage,
  type Transport
} from "@tokenkeep/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { lazyEffectCollections } from "./collections/lazyEffectCollections.ts"
import type { Deeply } from "./Deeply.ts"
import { defaultStorage, defaultTransport } from "./defaultAdapters.ts"
import type { DeeplyPoolOptions } from "./options/DeeplyPoolOptions.ts"
import { resolvePoolOptions } from "./options/resolvePoolOptions.ts"
import { validate } from "./validation/validate.ts"

const make = Effect.fnUntraced(function* (options: DeeplyPoolOptions) {
  const { apiFor, host, pool: resolved } = yield* validate(() => resolvePoolOptions(options))
  const pool = yield* makeTokenKeepPool(resolved)
  const context = yield* Effect.context()
  const clientOf = (id: string): Deeply["Service"] => ({
    host,
    ...lazyEffectCollections(apiFor(id), pool.services(id)),
    request: (...request) => pool.provide(id)(AuthorizedClient.use((client) => client.request(...request))),
    fetch: (...request) =>
      Effect.runPromiseWith(context)(
        pool.provide(id)(AuthorizedClient.use(({ fetch }) => Effect.promise(() => fetch(...request))))
      )
  })
  return DeeplyPool.of({ ...pool, client: clientOf })
})

/**
 * The Deeply API for many customers, as an Effect service.
 *
 * @example
 * ```ts
 * import { DeeplyPool } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import * as Effect from "effect/Effect"
 *
 * await using server = await startFakeDeeply()
 * const program = Effect.gen(function* () {
 *   const pool = yield* DeeplyPool
 *   const { total_cnt } = yield* pool.client("acme").events.list({ size: 1 })
 *   return `${total_cnt} events, ${pool.size()} open`
 * })
 * const layer = DeeplyPool.layerDefault({ apiKey: () => Effect.succeed(server.apiKey), host: server.host })
 * console.log(await Effect.runPromise(Effect.provide(program, layer))) // => 100 events, 1 open
 * ```
 */
export class DeeplyPool extends Context.Service<
  DeeplyPool,
  EffectPool & {
    /** The client of one id: its calls fail with `CONFIG_INVALID` for an id that is empty or too long. */
    readonly client: (id: string) => Deeply["Service"]
  }
>()("@tokenkeep/deeply/DeeplyPool") {
  /**
   * Builds the service on a transport and a storage of your choice; fails with `CONFIG_INVALID` or `INSECURE_ORIGIN`.
   *
   * @example
   * ```ts
   * import { DeeplyPool } from "@tokenkeep/deeply"
   * import { MemoryStorage } from "@tokenkeep/storage-memory"
   * import { FetchTransport } from "@tokenkeep/transport-fetch"
   * import * as Effect from "effect/Effect"
   * import * as Layer from "effect/Layer"
   *
   * const layer = DeeplyPool.layer({ apiKey: (id) => `sk-live-${id}` }).pipe(
   *   Layer.provide([FetchTransport.layer(), MemoryStorage.layer()])
   * )
   * const size = DeeplyPool.use((pool) => Effect.succeed(pool.size()))
   * console.log(await Effect.runPromise(Effect.provide(size, layer))) // => 0
   * ```
   */
  static readonly layer = (
    options: DeeplyPoolOptions
  ): Layer.Layer<DeeplyPool, TokenkeepError, Transport | TokenStorage> => Layer.effect(DeeplyPool, make(options))

  /**
   * Builds the service on the platform's fetch and the memory of this layer; fails as {@link DeeplyPool.layer} does.
   *
   * @example
   * ```ts
   * import { DeeplyPool } from "@tokenkeep/deeply"
   * import * as Layer from "effect/Layer"
   *
   * console.log(Layer.isLayer(DeeplyPool.layerDefault({ apiKey: (id) => `sk-live-${id}` }))) // => true
   * ```
   */
  static readonly layerDefault = (options: DeeplyPoolOptions): Layer.Layer<DeeplyPool, TokenkeepError> =>
    DeeplyPool.layer(options).pipe(Layer.provide([defaultTransport, defaultStorage()]))
}
