import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ApiKey } from "./ApiKey.ts"
import type { AuthError } from "./AuthError.ts"
import { AuthorizedClient, type AuthorizedClientOptions, clientSettings } from "./AuthorizedClient.ts"
import { type ApiKeySource, Credentials } from "./Credentials.ts"
import { checkBaseUrl } from "./internal/baseUrl.ts"
import { checked } from "./internal/checked.ts"
import { issueSettings } from "./internal/issuer.ts"
import { Provider } from "./Provider.ts"
import { TokenManager, type TokenManagerOptions } from "./TokenManager.ts"
import type { TokenStorage } from "./TokenStorage.ts"
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
  readonly apiKey: ApiKeySource
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
  issueSettings(options.issue)
  clientSettings(options)
  if (typeof apiKey !== "function") ApiKey.make(apiKey, keyName === undefined ? {} : { name: keyName })
}

const uncheckedLayer = (options: TokenKeepOptions) =>
  AuthorizedClient.layer(options).pipe(
    Layer.provideMerge(TokenManager.layer(options)),
    Layer.provide([
      Credentials.layer(options.apiKey, { name: options.keyName }),
      Layer.succeed(Provider, options.provider)
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
