import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { disposedError } from "../errors/disposed.ts"
import { checked } from "../errors/optionChecks.ts"
import { isTokenkeepError, type TokenkeepError } from "../errors/TokenkeepError.ts"
import type { TokenManager } from "../lifecycle/TokenManager.ts"
import type { TokenStorage } from "../ports/TokenStorage.ts"
import type { Transport } from "../ports/Transport.ts"
import type { AuthorizedClient } from "../requests/AuthorizedClient.ts"
import { fallbackLayer } from "../TokenKeepLayer.ts"
import { checkId } from "./checkId.ts"
import { makePool, type Slot } from "./makePool.ts"
import { type PoolOptions, poolSettings } from "./poolSettings.ts"

type Services = TokenManager | AuthorizedClient

const clientOf = ({ building }: Slot) =>
  Effect.tryPromise({
    try: async () => {
      if (building === undefined) throw disposedError()
      return building.get()
    },
    catch: (error) => {
      if (isTokenkeepError(error)) return error
      throw error
    }
  })

/**
 * The clients of many customers, for the Effect API.
 *
 * @example
 * ```ts
 * import { type EffectPool, TokenManager } from "@tokenkeep/core"
 *
 * const tokenOf = (pool: EffectPool, id: string) => TokenManager.use(({ get }) => get).pipe(pool.provide(id))
 * console.log(typeof tokenOf) // => function
 * ```
 */
export interface EffectPool {
  /** Runs an effect with the services of one client, which stays open meanwhile. */
  readonly provide: (
    id: string
  ) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | TokenkeepError, Exclude<R, Services>>
  /** The services of one client, which stays open until the scope ends. */
  readonly services: (id: string) => Effect.Effect<Context.Context<Services>, TokenkeepError, Scope.Scope>
  /** How many clients are open. */
  readonly size: () => number
}

/**
 * Makes a pool of clients for any provider, which ends with the scope. Fails with `CONFIG_INVALID`.
 *
 * @example
 * ```ts
 * import { AuthorizedClient, makeTokenKeepPool } from "@tokenkeep/core"
 * import { deeplyProvider } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import { FetchTransport } from "@tokenkeep/transport-fetch"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * await using server = await startFakeDeeply()
 * const provider = deeplyProvider(server.host)
 * const program = Effect.gen(function* () {
 *   const pool = yield* makeTokenKeepPool({ connection: () => ({ provider, apiKey: server.apiKey }) })
 *   const response = yield* AuthorizedClient.use(({ request }) => request("/api/v1/mics")).pipe(pool.provide("acme"))
 *   return response.status
 * })
 * const adapters = Layer.mergeAll(FetchTransport.layer(), MemoryStorage.layer())
 * console.log(await Effect.runPromise(Effect.provide(Effect.scoped(program), adapters))) // => 200
 * ```
 */
export const makeTokenKeepPool = Effect.fnUntraced(function* (
  options: PoolOptions
): Effect.fn.Return<EffectPool, TokenkeepError, Transport | TokenStorage | Scope.Scope> {
  const { maxOpen, settingsFor } = yield* checked(() => poolSettings(options))
  const scope = yield* Scope.Scope
  const fallback = yield* Layer.buildWithScope(
    fallbackLayer(options, (layer) => layer),
    scope
  )
  const adapters = Context.merge(yield* Effect.context<Transport | TokenStorage>(), fallback)
  const pool = makePool(settingsFor, { get: () => adapters }, maxOpen)
  yield* Effect.addFinalizer(() => Effect.promise(pool.dispose))

  const services: EffectPool["services"] = Effect.fnUntraced(function* (id) {
    const slot = yield* Effect.acquireRelease(
      checked(() => {
        const found = pool.use(checkId(id))
        pool.retain(found)
        return found
      }),
      (found) => Effect.sync(() => pool.release(found))
    )
    return (yield* clientOf(slot)).context
  })

  const provide: EffectPool["provide"] = (id) => (effect) =>
    Effect.scoped(Effect.flatMap(services(id), (context) => Effect.provideContext(effect, context))) as never

  return { provide, services, size: pool.size }
})
