import {
  AuthorizedClient,
  type EffectPool,
  makeTokenKeepPool,
  type TokenkeepError,
  TokenManager,
  type TokenStorage,
  type Transport
} from "@tokenkeep/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { defaultStorage, defaultTransport } from "./defaultAdapters.ts"
import type { OAuth2PoolOptions } from "./options/OAuth2PoolOptions.ts"
import { resolvePoolOptions } from "./options/resolvePoolOptions.ts"
import { validate } from "./validate.ts"

/**
 * The client of one customer. Use `provide` of the pool for everything else, such as the token or its status.
 *
 * @example
 * ```ts
 * import type { OAuth2PoolClient } from "@tokenkeep/oauth2"
 *
 * const orders = ({ request }: OAuth2PoolClient) => request("/orders")
 * console.log(typeof orders) // => function
 * ```
 */
export interface OAuth2PoolClient {
  /** Sends an authorized request; 401, 403 and 429 responses are typed failures, see `AuthorizedClient`. */
  readonly request: AuthorizedClient["Service"]["request"]
  /** Puts a new refresh token in place, after the user has consented again. */
  readonly replaceGrant: TokenManager["Service"]["replaceGrant"]
}

/**
 * One API with many customers as an Effect service.
 *
 * @example
 * ```ts
 * import type { OAuth2PoolApi } from "@tokenkeep/oauth2"
 *
 * const orders = (pool: OAuth2PoolApi, id: string) => pool.client(id).request("/orders")
 * console.log(typeof orders) // => function
 * ```
 */
export interface OAuth2PoolApi extends EffectPool {
  /** The client of one id: its calls fail with `CONFIG_INVALID` for an id that is empty or too long. */
  readonly client: (id: string) => OAuth2PoolClient
}

const make = Effect.fnUntraced(function* (options: OAuth2PoolOptions) {
  const pool = yield* makeTokenKeepPool(yield* validate(() => resolvePoolOptions(options)))
  const client = (id: string): OAuth2PoolClient => ({
    request: (...request) => pool.provide(id)(AuthorizedClient.use((found) => found.request(...request))),
    replaceGrant: (refreshToken) => pool.provide(id)(TokenManager.use((found) => found.replaceGrant(refreshToken)))
  })
  return { ...pool, client } satisfies OAuth2PoolApi
})

/**
 * The service class of one API with many customers.
 *
 * @example
 * ```ts
 * import { OAuth2, type OAuth2PoolServiceClass } from "@tokenkeep/oauth2"
 *
 * class Crm extends OAuth2.Pool<Crm>()("app/Crm") {}
 * const layerOf: OAuth2PoolServiceClass<Crm, "app/Crm">["layerDefault"] = Crm.layerDefault
 * console.log(layerOf === Crm.layerDefault) // => true
 * ```
 */
export interface OAuth2PoolServiceClass<Self, Id extends string> extends Context.ServiceClass<Self, Id, OAuth2PoolApi> {
  /** Builds the service on a transport and a storage of your choice; fails as `createOAuth2Pool` throws. */
  readonly layer: (options: OAuth2PoolOptions) => Layer.Layer<Self, TokenkeepError, Transport | TokenStorage>
  /** Builds the service on the platform's fetch and the memory of this layer; fails as `createOAuth2Pool` throws. */
  readonly layerDefault: (options: OAuth2PoolOptions) => Layer.Layer<Self, TokenkeepError>
}

export const Pool =
  <Self>() =>
  <const Id extends string>(id: Id): OAuth2PoolServiceClass<Self, Id> => {
    // Self is the class that extends this one.
    // @effect-diagnostics-next-line classSelfMismatch:off
    class OAuth2PoolService extends Context.Service<Self, OAuth2PoolApi>()(id) {
      static readonly layer = (
        options: OAuth2PoolOptions
      ): Layer.Layer<Self, TokenkeepError, Transport | TokenStorage> => Layer.effect(OAuth2PoolService, make(options))

      static readonly layerDefault = (options: OAuth2PoolOptions): Layer.Layer<Self, TokenkeepError> =>
        OAuth2PoolService.layer(options).pipe(Layer.provide([defaultTransport, defaultStorage()]))
    }
    return OAuth2PoolService
  }
