import type { ApiKeySource, TokenKeepOptions } from "@tokenkeep/core"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type { PrivateKey } from "../client/PrivateKey.ts"
import type { OAuth2OptionsOf, PrivateKeySource } from "./OAuth2PromiseOptions.ts"

/**
 * The source of a private key, which may be an effect too.
 *
 * @example
 * ```ts
 * import type { EffectPrivateKeySource } from "@tokenkeep/oauth2"
 * import * as Config from "effect/Config"
 *
 * const fromConfig: EffectPrivateKeySource = Config.String("CRM_PRIVATE_KEY")
 * console.log(typeof fromConfig) // => object
 * ```
 */
export type EffectPrivateKeySource = PrivateKeySource | Effect.Effect<PrivateKey | undefined, unknown>

/**
 * The options of a client for both APIs: those of {@link OAuth2PromiseOptions}, also with Effect's types.
 *
 * A duration may be a `Duration.Duration`. The client secret and the private key may come from an effect or a `Config`,
 * and the secret may be redacted.
 *
 * @example
 * ```ts
 * import type { OAuth2Options } from "@tokenkeep/oauth2"
 * import * as Config from "effect/Config"
 *
 * const options: OAuth2Options = {
 *   baseUrl: "https://api.example.test",
 *   issuer: "https://login.example.test",
 *   client: { id: "app", secret: Config.Redacted("CRM_SECRET") },
 *   grant: { type: "client_credentials" }
 * }
 * console.log(options.client.id) // => app
 * ```
 */
export interface OAuth2Options
  extends
    OAuth2OptionsOf<Duration.Input, ApiKeySource, EffectPrivateKeySource>,
    Pick<TokenKeepOptions, "fallbackStorage"> {}
