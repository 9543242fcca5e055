import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ApiKey } from "./ApiKey.ts"
import type { AuthError } from "./AuthError.ts"
import { AuthorizedClient, type AuthorizedClientOptions, clientSettings } from "./AuthorizedClient.ts"
import { type ApiKeySources, Credentials, isLiteral, sourcesOf } from "./Credentials.ts"
import { FallbackStorage } from "./FallbackStorage.ts"
import { checkBaseUrl } from "./internal/baseUrl.ts"
import { checked } from "./internal/checked.ts"
import { issuerSettings } from "./internal/issuerSettings.ts"
import { storageSettings } from "./internal/storageSettings.ts"
import { Provider } from "./Provider.ts"
import { renewalSettings } from "./RenewalPolicy.ts"
import { TokenManager } from "./TokenManager.ts"
import type { TokenManagerOptions } from "./TokenManagerOptions.ts"
import { TokenStorage } from "./TokenStorage.ts"
import type { Transport } from "./Transport.ts"

/**
 * What a token keep is made of, whichever door it is used through.
 *
 * @example
 * ```ts
 * import type { TokenKeepOptions } from "@tokenkeep/core"
 *
 * const options: Pick<TokenKeepOptions, "apiKey" | "redirects"> = { apiKey: "sk-live-2f6c1d", redirects: "refuse" }
 * console.log(options.redirects) // => refuse
 * ```
 */
export interface TokenKeepOptions extends TokenManagerOptions, AuthorizedClientOptions {
  readonly provider: Provider["Service"]
  /** One source, or two that overlap during a rotation (KEY-3). */
  readonly apiKey: ApiKeySources
  /** What to call the key in messages and prints; `"api-key"` by default. */
  readonly keyName?: string | undefined
}

/**
 * Checks what can be known to be wrong before the first use; throws `CONFIG_INVALID`, `INSECURE_ORIGIN` or, for a
 * literal key, `API_KEY_MALFORMED`.
 */
export const checkOptions = (options: TokenKeepOptions): void => {
  const { apiKey, keyName, provider } = options
  checkBaseUrl(provider.baseUrl, { option: "provider", cleartext: provider.cleartext })
  issuerSettings(options)
  renewalSettings(options.renewal)
  storageSettings(options)
  clientSettings(options)
  for (const source of sourcesOf(apiKey)) {
    if (isLiteral(source)) ApiKey.make(source, keyName === undefined ? {} : { name: keyName })
  }
}

/** Built with the rest, so that clients that are given the same fallback layer share it as well. */
const fallbackLayer = ({ fallbackStorage }: TokenKeepOptions): Layer.Layer<never> =>
  fallbackStorage === undefined
    ? Layer.empty
    : Layer.effect(FallbackStorage, TokenStorage).pipe(Layer.provide(fallbackStorage))

const uncheckedLayer = (options: TokenKeepOptions) =>
  AuthorizedClient.layer(options).pipe(
    Layer.provideMerge(TokenManager.layer(options)),
    Layer.provide([
      Credentials.layer(options.apiKey, { name: options.keyName }),
      Layer.succeed(Provider, options.provider),
      fallbackLayer(options)
    ])
  )

/**
 * The services of a token keep, for the Effect door: the promise door is a shell over the same layer.
 *
 * Fails to build with `CONFIG_INVALID`, `INSECURE_ORIGIN` or, for a literal key, `API_KEY_MALFORMED`.
 *
 * @example
 * ```ts
 * import { TokenManager, tokenKeepLayer } from "@tokenkeep/core"
 * import { deeplyProvider, edge } from "@tokenkeep/deeply"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import { FetchTransport } from "@tokenkeep/transport-fetch"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * const keep = tokenKeepLayer({ provider: deeplyProvider(edge("192.0.2.7")), apiKey: "sk-live-2f6c1d" }).pipe(
 *   Layer.provide([FetchTransport.layer(), MemoryStorage.layer()])
 * )
 * const program = TokenManager.use((manager) => Effect.succeed(manager.status().state))
 * console.log(await Effect.runPromise(Effect.provide(program, keep))) // => empty
 * ```
 */
export const tokenKeepLayer = (
  options: TokenKeepOptions
): Layer.Layer<TokenManager | AuthorizedClient, AuthError, Transport | TokenStorage> =>
  Layer.unwrap(
    Effect.as(
      checked(() => checkOptions(options)),
      uncheckedLayer(options)
    )
  )
