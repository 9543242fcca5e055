import {
  AuthorizedClient,
  type TokenkeepError,
  tokenKeepLayer,
  TokenManager,
  type TokenStorage,
  type Transport
} from "@tokenkeep/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { defaultStorage, defaultTransport } from "./defaultAdapters.ts"
import { Pool } from "./OAuth2Pool.ts"
import type { OAuth2Options } from "./options/OAuth2Options.ts"
import { checkGrantStorage } from "./options/checkGrantStorage.ts"
import { resolveOptions } from "./options/resolveOptions.ts"
import { validate } from "./validate.ts"

/**
 * One API as an Effect service.
 *
 * @example
 * ```ts
 * import type { OAuth2Api } from "@tokenkeep/oauth2"
 *
 * const baseUrlOf = (api: OAuth2Api) => api.client.baseUrl
 * console.log(typeof baseUrlOf) // => function
 * ```
 */
export interface OAuth2Api {
  /** Sends an authorized request; 401, 403 and 429 responses are typed failures, see `AuthorizedClient`. */
  readonly request: AuthorizedClient["Service"]["request"]
  /** Sends an authorized request, with the signature and the behaviour of the platform's fetch. */
  readonly fetch: typeof globalThis.fetch
  readonly client: AuthorizedClient["Service"]
  /** The access token, its status, and its renewal. */
  readonly tokens: TokenManager["Service"]
}

const make = Effect.gen(function* () {
  const client = yield* AuthorizedClient
  const tokens = yield* TokenManager
  return { request: client.request, fetch: client.fetch, client, tokens } satisfies OAuth2Api
})

/**
 * The service class of one API.
 *
 * @example
 * ```ts
 * import { OAuth2, type OAuth2ServiceClass } from "@tokenkeep/oauth2"
 *
 * class Crm extends OAuth2.Service<Crm>()("app/Crm") {}
 * const layerOf: OAuth2ServiceClass<Crm, "app/Crm">["layerDefault"] = Crm.layerDefault
 * console.log(layerOf === Crm.layerDefault) // => true
 * ```
 */
export interface OAuth2ServiceClass<Self, Id extends string> extends Context.ServiceClass<Self, Id, OAuth2Api> {
  /** Builds the service on a transport and a storage of your choice; fails as `createOAuth2` throws. */
  readonly layer: (options: OAuth2Options) => Layer.Layer<Self, TokenkeepError, Transport | TokenStorage>
  /** Builds the service on the platform's fetch and the memory of this layer; fails as `createOAuth2` throws. */
  readonly layerDefault: (options: OAuth2Options) => Layer.Layer<Self, TokenkeepError>
}

const Service =
  <Self>() =>
  <const Id extends string>(id: Id): OAuth2ServiceClass<Self, Id> => {
    // Self is the class that extends this one.
    // @effect-diagnostics-next-line classSelfMismatch:off
    class OAuth2Service extends Context.Service<Self, OAuth2Api>()(id) {
      static readonly layer = (options: OAuth2Options): Layer.Layer<Self, TokenkeepError, Transport | TokenStorage> =>
        OAuth2Service.layerOn(options, true)

      static readonly layerDefault = (options: OAuth2Options): Layer.Layer<Self, TokenkeepError> =>
        OAuth2Service.layerOn(options, false).pipe(Layer.provide([defaultTransport, defaultStorage()]))

      private static readonly layerOn = (options: OAuth2Options, hasStorage: boolean) =>
        Layer.unwrap(
          Effect.map(
            validate(() => {
              const resolved = resolveOptions(options)
              checkGrantStorage(resolved, hasStorage)
              return resolved
            }),
            (resolved) => Layer.effect(OAuth2Service, make).pipe(Layer.provide(tokenKeepLayer(resolved)))
          )
        )
    }
    return OAuth2Service
  }

/**
 * The Effect API: `OAuth2.Service<Self>()(id)` makes the service class of one API, so that a program can have several;
 * `OAuth2.Pool<Self>()(id)` makes that of an API with many customers. The `id` is the name of the service.
 *
 * @example
 * ```ts
 * import { OAuth2 } from "@tokenkeep/oauth2"
 * import * as Effect from "effect/Effect"
 *
 * class Crm extends OAuth2.Service<Crm>()("app/Crm") {}
 *
 * const layer = Crm.layerDefault({
 *   baseUrl: "https://crm.example.test",
 *   issuer: "https://login.example.test",
 *   client: { id: "app", secret: "s3cr3t-2f6c1d8e" },
 *   grant: { type: "client_credentials" }
 * })
 * const state = Crm.use((crm) => Effect.succeed(crm.tokens.status().state))
 * console.log(await Effect.runPromise(Effect.provide(state, layer))) // => empty
 * ```
 */
export const OAuth2 = { Service, Pool }
