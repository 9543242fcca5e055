import { type ApiClientOptions, apiKeyFromEnvironment, apiSettings, type TokenKeepOptions } from "@tokenkeep/core"
import { deeplyProvider, deeplyRates } from "./deeplyProvider.ts"
import { defaultFallback } from "./defaultAdapters.ts"
import { type Host, hostOf } from "./Host.ts"

/**
 * What both doors can be told about a Deeply client.
 *
 * @example
 * ```ts
 * import { type DeeplyOptions, edge } from "@tokenkeep/deeply"
 *
 * const options: DeeplyOptions = { host: edge("192.0.2.7"), issue: { deadline: "5 seconds" } }
 * console.log(Object.keys(options).join()) // => host,issue
 * ```
 */
export interface DeeplyOptions
  extends Omit<TokenKeepOptions, "provider" | "apiKey" | "keyName" | "patience">, ApiClientOptions {
  /**
   * A value, or a function or effect that is asked before every issue call, or two of them that overlap during a
   * rotation; by default the environment's `DEEPLY_API_KEY`.
   */
  readonly apiKey?: TokenKeepOptions["apiKey"] | undefined
  /** By default the environment's `DEEPLY_HOST`, else {@link cloud}. */
  readonly host?: Host | string | URL | undefined
}

/** The options with everything decided that the user left open; throws `CONFIG_INVALID` or `INSECURE_ORIGIN`. */
export const keepOptions = (options: DeeplyOptions): TokenKeepOptions & { readonly host: Host } => {
  const host = hostOf(options.host)
  apiSettings(options, deeplyRates)
  return {
    ...options,
    host,
    fallbackStorage: options.fallbackStorage ?? defaultFallback,
    apiKey: options.apiKey ?? apiKeyFromEnvironment("DEEPLY_API_KEY"),
    provider: deeplyProvider(host)
  }
}
