import { checkOptions, tokenKeepChecks, type TokenKeepOptions } from "@tokenkeep/core"
import { clientCredential } from "../client/clientCredential.ts"
import { defaultFallback } from "../defaultAdapters.ts"
import { oauth2Provider } from "../provider/oauth2Provider.ts"
import type { OAuth2Options } from "./OAuth2Options.ts"
import { oauth2Settings } from "./OAuth2Settings.ts"

/** The options that are not those of every client. */
export const ownOptions = [
  "baseUrl",
  "issuer",
  "tokenEndpoint",
  "client",
  "grant",
  "resource",
  "audience",
  "parameters",
  "allowInsecureHttp"
]

/**
 * Checks the options and fills in the defaults; throws `CONFIG_INVALID` or `INSECURE_ORIGIN`.
 *
 * @param adapters The names of the options that are adapters.
 */
export const resolveOptions = (options: OAuth2Options, ...adapters: ReadonlyArray<string>): TokenKeepOptions => {
  // A caller in JavaScript may pass nothing.
  checkOptions(options ?? null, tokenKeepChecks, "", [...ownOptions, "keyName", ...adapters])
  const settings = oauth2Settings(options)
  const credential = clientCredential(options.client)
  // By name: those of a class instance may be getters or inherited.
  const names = [...Object.keys(tokenKeepChecks), ...adapters] as ReadonlyArray<keyof OAuth2Options>
  const given = names.filter((name) => options[name] !== undefined)
  const rest = Object.fromEntries(given.map((name) => [name, options[name]]))
  return {
    ...rest,
    provider: oauth2Provider(settings, credential),
    apiKey: credential.sources,
    keyName: options.keyName ?? credential.name,
    // No client may use a refresh token without the storage that the others use.
    ...(settings.refreshToken === undefined && { fallbackStorage: options.fallbackStorage ?? defaultFallback })
  }
}
