import { apiKeyFromEnvironment, apiSettings, type TokenKeepOptions } from "@tokenkeep/core"
import { defaultFallback } from "../defaultAdapters.ts"
import { type Host, hostOf } from "../Host.ts"
import { deeplyProvider } from "../provider/deeplyProvider.ts"
import { deeplyRates } from "../provider/rates.ts"
import type { DeeplyOptions } from "./DeeplyOptions.ts"

/** Checks the options and fills in the defaults; throws `CONFIG_INVALID` or `INSECURE_ORIGIN`. */
export const resolveOptions = (options: DeeplyOptions): TokenKeepOptions & { readonly host: Host } => {
  const host = hostOf(options.host)
  // The typed client reads these settings when it is loaded; a mistake is reported here already.
  apiSettings(options, deeplyRates)
  return {
    ...options,
    host,
    fallbackStorage: options.fallbackStorage ?? defaultFallback,
    apiKey: options.apiKey ?? apiKeyFromEnvironment("DEEPLY_API_KEY"),
    provider: deeplyProvider(host)
  }
}
