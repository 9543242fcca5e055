import type { ApiKeySource, TokenKeepOptions } from "@tokenkeep/core"
import type * as Duration from "effect/Duration"
import type { DeeplyOptionsOf } from "./DeeplyPromiseOptions.ts"

/**
 * The options of a client for both APIs: those of {@link DeeplyPromiseOptions}, also with Effect's types.
 *
 * A duration may be a `Duration.Duration`, and the API key may come from an effect or a `Config`.
 *
 * @example
 * ```ts
 * import { type DeeplyOptions, edge } from "@tokenkeep/deeply"
 * import * as Config from "effect/Config"
 * import * as Duration from "effect/Duration"
 *
 * const options: DeeplyOptions = {
 *   apiKey: Config.Redacted("BILLING_KEY"),
 *   host: edge("192.0.2.7"),
 *   tokenRequest: { deadline: Duration.seconds(5) }
 * }
 * console.log(Object.keys(options).join()) // => apiKey,host,tokenRequest
 * ```
 */
export interface DeeplyOptions
  extends DeeplyOptionsOf<Duration.Input, ApiKeySource>, Pick<TokenKeepOptions, "fallbackStorage"> {}
