import { type ApiClientOptions, type ApiKeySources, type PoolOptions, TokenkeepError } from "@tokenkeep/core"
import type { DeeplyPoolOptions, EffectApiKeyOf } from "./DeeplyPoolOptions.ts"
import type { DeeplyOptions } from "./DeeplyOptions.ts"
import { resolveOptions } from "./resolveOptions.ts"

/** The functions as a list; throws `CONFIG_INVALID` for a key that would be the same for every customer. */
const keysOf = ({ apiKey }: DeeplyPoolOptions): ReadonlyArray<EffectApiKeyOf> => {
  const list = [apiKey].flat() as ReadonlyArray<EffectApiKeyOf>
  if ((list.length === 1 || list.length === 2) && list.every((key) => typeof key === "function")) return list
  throw TokenkeepError.of(
    { _tag: "ConfigInvalid", option: "apiKey" },
    {
      what: "The option apiKey is not a function.",
      fix: "Pass a function that returns the API key of an id, or a list of two."
    }
  )
}

/**
 * Checks the options of a pool and fills in the defaults; throws `CONFIG_INVALID` or `INSECURE_ORIGIN`.
 *
 * @param adapters The names of the options that are adapters.
 */
export const resolvePoolOptions = (options: DeeplyPoolOptions, ...adapters: ReadonlyArray<string>) => {
  // A caller in JavaScript may pass nothing.
  const { host, keep } = resolveOptions((options ?? {}) as unknown as DeeplyOptions, "maxOpen", ...adapters)
  const keys = keysOf(options ?? {})
  const { apiKey: _, provider, ...common } = keep
  const connection: PoolOptions["connection"] = (id) => ({
    provider,
    apiKey: keys.map((key) => () => key(id)) as unknown as ApiKeySources
  })
  const { maxWait, onTokenEvent, rateLimits } = options
  /** The options of the typed client of one id. */
  const apiFor = (id: string): ApiClientOptions => ({
    maxWait,
    rateLimits,
    onTokenEvent: onTokenEvent && ((event) => onTokenEvent(event, id))
  })
  return { host, pool: { ...common, connection } satisfies PoolOptions, apiFor }
}
