import {
  apiKeyFromEnvironment,
  apiSettings,
  checkOptions,
  tokenKeepChecks,
  type TokenKeepOptions
} from "@tokenkeep/core"
import { defaultFallback } from "../defaultAdapters.ts"
import { type Host, hostOf } from "../Host.ts"
import { deeplyProvider } from "../provider/deeplyProvider.ts"
import { deeplyRates } from "../provider/rates.ts"
import type { DeeplyOptions } from "./DeeplyOptions.ts"

/**
 * Checks the options and fills in the defaults; throws `CONFIG_INVALID` or `INSECURE_ORIGIN`.
 *
 * @param adapters The names of the options that are adapters.
 */
export const resolveOptions = (
  options: DeeplyOptions,
  ...adapters: ReadonlyArray<string>
): { readonly host: Host; readonly keep: TokenKeepOptions } => {
  checkOptions(options, tokenKeepChecks, "", ["apiKey", "host", "rateLimits", ...adapters])
  // By name: a spread would lose what an instance of a class inherits, such as its getters.
  const names = ["apiKey", ...Object.keys(tokenKeepChecks), ...adapters] as ReadonlyArray<keyof DeeplyOptions>
  const rest: DeeplyOptions = Object.fromEntries(names.map((name) => [name, options[name]]))
  const host = hostOf(options.host)
  // The typed client reads these settings when it is loaded; a mistake is reported here already.
  apiSettings(options, deeplyRates)
  return {
    host,
    keep: {
      ...rest,
      fallbackStorage: rest.fallbackStorage ?? defaultFallback,
      apiKey: rest.apiKey ?? apiKeyFromEnvironment("DEEPLY_API_KEY"),
      provider: deeplyProvider(host)
    }
  }
}
