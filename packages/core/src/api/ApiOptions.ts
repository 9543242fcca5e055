import type * as Duration from "effect/Duration"
import type { Limit } from "./endpointBudget.ts"
import type { TokenEvent } from "../telemetry/TokenEvent.ts"
import { checkOptions, positiveMillis, wholeNumber } from "../errors/optionChecks.ts"

/**
 * How many requests an endpoint accepts.
 *
 * @example
 * ```ts
 * import type { Rates } from "@tokenkeep/core"
 *
 * const rates: Rates = { perSecond: 10, perMinute: 1_000 }
 * console.log(rates.perMinute) // => 1000
 * ```
 */
export interface Rates {
  /** Per second; a whole number of at least 1, or `Infinity` for no limit. */
  readonly perSecond?: number | undefined
  /** Per minute; a whole number of at least 1, or `Infinity` for no limit. */
  readonly perMinute?: number | undefined
}

/** A whole number, or no limit. */
const rate =
  (fallback = Infinity) =>
  (option: string, value: number = fallback): number =>
    value === Infinity ? value : wholeNumber(1, 1)(option, value)

/** The limits to respect: the provider's own by default, none if the option is `false`. */
const limitsOf = (option: unknown, provided: Rates | undefined): ReadonlyArray<Limit> => {
  if (option === false) return []
  const checks = { perSecond: rate(provided?.perSecond), perMinute: rate(provided?.perMinute) }
  const { perMinute, perSecond } = checkOptions(option === true ? undefined : option, checks, "rateLimits")
  return [
    { count: perSecond, millis: 1_000 },
    { count: perMinute, millis: 60_000 }
  ].filter(({ count }) => count < Infinity)
}

/**
 * How typed calls respect the provider's limits; durations are of type `Time`.
 *
 * @example
 * ```ts
 * import type { ApiClientOptionsOf } from "@tokenkeep/core"
 *
 * const options: ApiClientOptionsOf<number> = { rateLimits: { perSecond: 5 }, maxWait: 2_000 }
 * console.log(options.maxWait) // => 2000
 * ```
 */
export interface ApiClientOptionsOf<Time> {
  /**
   * The rate limits that typed calls keep on each endpoint: the provider's own (`true`, the default), none (`false`), or
   * your own. A 429 response is respected in any case.
   */
  readonly rateLimits?: boolean | Rates | undefined
  /** The longest wait for a rate limit, of a token request or of an endpoint; default 5 seconds. */
  readonly maxWait?: Time | undefined
  /** Receives `rate-limit-waiting` while a typed call waits after a 429; it must not block. */
  readonly onTokenEvent?: ((event: TokenEvent) => void) | undefined
}

/**
 * How typed calls respect the provider's limits.
 *
 * @example
 * ```ts
 * import type { ApiClientOptions } from "@tokenkeep/core"
 *
 * const options: ApiClientOptions = { rateLimits: { perSecond: 5 }, maxWait: "2 seconds" }
 * console.log(options.maxWait) // => 2 seconds
 * ```
 */
export type ApiClientOptions = ApiClientOptionsOf<Duration.Input>

/**
 * Checks the options; throws `CONFIG_INVALID` with the name of the one that is wrong.
 *
 * @param rates The provider's own limits.
 *
 * @example
 * ```ts
 * import { apiSettings } from "@tokenkeep/core"
 *
 * console.log(apiSettings({}, { perSecond: 10 }).maxWait) // => 5000
 * ```
 */
export const apiSettings = (options: ApiClientOptions, rates: Rates | undefined) => ({
  limits: limitsOf(options.rateLimits, rates),
  maxWait: positiveMillis(5_000)("maxWait", options.maxWait)
})
