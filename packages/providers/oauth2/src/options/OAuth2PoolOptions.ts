import type { ApiKeySource, CreateTokenKeepPoolOptions } from "@tokenkeep/core"
import type * as Duration from "effect/Duration"
import type { EffectPrivateKeySource, OAuth2Options } from "./OAuth2Options.ts"
import type { OAuth2PoolOptionsOf } from "./OAuth2PoolPromiseOptions.ts"

/**
 * The options of a pool for both APIs: those of {@link OAuth2PoolPromiseOptions}, also with Effect's types.
 *
 * @example
 * ```ts
 * import type { OAuth2PoolOptions } from "@tokenkeep/oauth2"
 * import * as Effect from "effect/Effect"
 *
 * const options: OAuth2PoolOptions = {
 *   baseUrl: "https://api.example.test",
 *   issuer: "https://login.example.test",
 *   client: { id: "app", secret: Effect.succeed("s3cr3t-2f6c1d8e") },
 *   grant: (id) => ({ type: "refresh_token", refreshToken: Effect.succeed(`rt-${id}`) })
 * }
 * console.log(typeof options.grant) // => function
 * ```
 */
export interface OAuth2PoolOptions
  extends
    OAuth2PoolOptionsOf<Duration.Input, ApiKeySource, EffectPrivateKeySource>,
    Pick<OAuth2Options, "fallbackStorage"> {}

/**
 * {@link OAuth2PoolOptions} with the adapters of the promise API.
 *
 * @example
 * ```ts
 * import type { CreateOAuth2PoolOptions } from "@tokenkeep/oauth2"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 *
 * const adapters: Pick<CreateOAuth2PoolOptions, "storage"> = { storage: MemoryStorage.layer() }
 * console.log(Object.keys(adapters).join()) // => storage
 * ```
 */
export interface CreateOAuth2PoolOptions extends OAuth2PoolOptions {
  /** How requests are sent; default the platform's fetch. */
  readonly transport?: CreateTokenKeepPoolOptions["transport"] | undefined
  /** Where the tokens of all clients are stored; default the memory of this pool. */
  readonly storage?: CreateTokenKeepPoolOptions["storage"] | undefined
  /** Where spans and metrics are exported, such as Effect's `Otlp.layerJson`; default nowhere. */
  readonly telemetry?: CreateTokenKeepPoolOptions["telemetry"]
}
