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
import type { OAuth2Options } from "./options/OAuth2Options.ts"
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
 * Makes the service class of one API, so that a program can have several. The `id` is the name of the service.
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
const Service =
  <Self>() =>
  <const Id extends string>(id: Id) =>
    class OAuth2Service extends Context.Service<Self, OAuth2Api>()(id) {
      /** Builds the service on a transport and a storage of your choice; fails as `createOAuth2` throws. */
      static readonly layer = (options: OAuth2Options): Layer.Layer<Self, TokenkeepError, Transport | TokenStorage> =>
        Layer.unwrap(
          Effect.map(
            validate(() => resolveOptions(options)),
            (resolved) => Layer.effect(OAuth2Service, make).pipe(Layer.provide(tokenKeepLayer(resolved)))
          )
        )

      /** Builds the service on the platform's fetch and the memory of this layer; fails as `createOAuth2` throws. */
      static readonly layerDefault = (options: OAuth2Options): Layer.Layer<Self, TokenkeepError> =>
        OAuth2Service.layer(options).pipe(Layer.provide([defaultTransport, defaultStorage()]))
    }

/**
 * The Effect API: one service class for each API.
 *
 * @example
 * ```ts
 * import { OAuth2 } from "@tokenkeep/oauth2"
 *
 * class Crm extends OAuth2.Service<Crm>()("app/Crm") {}
 * class Billing extends OAuth2.Service<Billing>()("app/Billing") {}
 * console.log(Crm.key, Billing.key) // => app/Crm app/Billing
 * ```
 */
export const OAuth2 = { Service }
