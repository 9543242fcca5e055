import type { TokenKeepOptions } from "@tokenkeep/core"
import { clientCredential } from "../client/clientCredential.ts"
import { defaultFallback } from "../defaultAdapters.ts"
import { oauth2Provider } from "../provider/oauth2Provider.ts"
import type { OAuth2Options } from "./OAuth2Options.ts"
import { oauth2Settings } from "./OAuth2Settings.ts"

/** Checks the options and fills in the defaults; throws `CONFIG_INVALID` or `INSECURE_ORIGIN`. */
export const resolveOptions = (options: OAuth2Options): TokenKeepOptions => {
  const settings = oauth2Settings(options)
  const credential = clientCredential(options.client)
  return {
    ...options,
    provider: oauth2Provider(settings, credential),
    apiKey: credential.sources,
    keyName: options.keyName ?? credential.name,
    fallbackStorage: options.fallbackStorage ?? defaultFallback
  }
}
