import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ApiKey } from "./credentials/ApiKey.ts"
import { type ApiKeySources, Credentials, isLiteral, sourcesOf } from "./credentials/Credentials.ts"
import { checked, checkOptions, type OptionCheck, ofType } from "./errors/optionChecks.ts"
import type { TokenkeepError } from "./errors/TokenkeepError.ts"
import { makeTokenManager } from "./lifecycle/makeTokenManager.ts"
import { managerChecks, managerSettings } from "./lifecycle/managerSettings.ts"
import { TokenManager } from "./lifecycle/TokenManager.ts"
import type { TokenManagerOptions } from "./lifecycle/TokenManagerOptions.ts"
import { FallbackStorage } from "./ports/FallbackStorage.ts"
import { Provider } from "./ports/Provider.ts"
import { TokenStorage } from "./ports/TokenStorage.ts"
import type { Transport } from "./ports/Transport.ts"
import type { StorageOptions } from "./storage/storageSettings.ts"
import { AuthorizedClient, makeAuthorizedClient } from "./requests/AuthorizedClient.ts"
import { type AuthorizedClientOptions, clientChecks, clientSettings } from "./requests/clientSettings.ts"

/**
 * The options of a client, for the promise API and the Effect API.
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
  /** One source, or two that overlap during a rotation. */
  readonly apiKey: ApiKeySources
  /** The key's name in messages and prints; `"api-key"` by default. */
  readonly keyName?: string | undefined
}

/**
 * The checks of the options that every client has, for providers that add options of their own.
 *
 * @example
 * ```ts
 * import { tokenKeepChecks } from "@tokenkeep/core"
 *
 * console.log(Object.keys(tokenKeepChecks).includes("redirects")) // => true
 * ```
 */
export const tokenKeepChecks: Readonly<Record<string, OptionCheck>> = {
  ...managerChecks,
  ...clientChecks
}

/** The options of a client, checked once. */
export type Settings = ReturnType<typeof settingsOf>

/**
 * Checks what can be checked before the first use; throws `CONFIG_INVALID`, `INSECURE_ORIGIN` or, for a literal key,
 * `API_KEY_MALFORMED`.
 */
export const settingsOf = (options: TokenKeepOptions, adapterChecks?: Readonly<Record<string, OptionCheck>>) => {
  checkOptions(options, { ...tokenKeepChecks, keyName: ofType("string"), ...adapterChecks }, "", ["apiKey", "provider"])
  const { apiKey, fallbackStorage, keyName, provider } = options
  const settings = {
    provider,
    apiKey,
    keyName,
    fallbackStorage,
    manager: managerSettings(provider, options),
    client: clientSettings(options)
  }
  checkKeys(settings)
  const refreshToken = provider.grant?.refreshToken
  if (refreshToken !== undefined && isLiteral(refreshToken)) {
    ApiKey.make(refreshToken, { name: "refresh-token", noun: "refresh token" })
  }
  return settings
}

/** Checks what a client's own sources are; throws `API_KEY_MALFORMED` for a literal key. */
export const checkKeys = ({ apiKey, keyName, provider }: Pick<Settings, "apiKey" | "keyName" | "provider">): void => {
  for (const source of sourcesOf(apiKey, provider.credential)) {
    if (isLiteral(source)) ApiKey.make(source, { name: keyName, noun: provider.credential?.noun })
  }
}

type Share = (layer: Layer.Layer<TokenStorage>) => Layer.Layer<TokenStorage>

/** Built with the rest, so that clients with the same fallback layer share it. */
export const fallbackLayer = ({ fallbackStorage }: StorageOptions, share: Share): Layer.Layer<never> =>
  fallbackStorage === undefined
    ? Layer.empty
    : Layer.effect(FallbackStorage, TokenStorage).pipe(Layer.provide(share(fallbackStorage)))

/**
 * The services of a client, from checked settings.
 *
 * @param share How clients share the fallback storage: the Effect API does it by its memo map.
 */
export const layerOf = (
  settings: Settings,
  share: Share = (layer) => layer
): Layer.Layer<TokenManager | AuthorizedClient, never, Transport | TokenStorage> => {
  const { apiKey, client, keyName, manager, provider } = settings
  return Layer.effect(AuthorizedClient, makeAuthorizedClient(manager.base, client)).pipe(
    Layer.provideMerge(Layer.effect(TokenManager, makeTokenManager(manager))),
    Layer.provide([
      Credentials.layer(apiKey, { name: keyName, terms: provider.credential }),
      Layer.succeed(Provider, provider),
      fallbackLayer(settings, share)
    ])
  )
}

/**
 * The services of a client, for the Effect API; the promise API uses the same ones.
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
): Layer.Layer<TokenManager | AuthorizedClient, TokenkeepError, Transport | TokenStorage> =>
  Layer.unwrap(
    Effect.map(
      checked(() => settingsOf(options)),
      layerOf
    )
  )
