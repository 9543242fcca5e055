import type * as Duration from "effect/Duration"
import { AuthError } from "./AuthError.ts"
import type { Limit } from "./internal/endpointBudget.ts"
import { positiveMillis, wholeNumber } from "./internal/options.ts"

/**
 * How many requests an endpoint takes.
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
  /** In any second; a whole number of at least 1, or `Infinity` for no such limit. */
  readonly perSecond?: number | undefined
  /** In any minute; the same. */
  readonly perMinute?: number | undefined
}

const rate = (option: string, value: number | undefined, fallback: number): number =>
  value === Infinity ? value : wholeNumber(option, value, fallback, 1)

/** The limits to keep: the provider's own where the option says nothing else, none where it is `false`. */
const limitsOf = (option: boolean | Rates | undefined, provided: Rates | undefined): ReadonlyArray<Limit> => {
  if (option === false) return []
  const given = option === undefined || option === true ? undefined : option
  if (given !== undefined && (typeof given !== "object" || given === null)) {
    throw AuthError.of(
      { _tag: "ConfigInvalid", option: "rateLimits" },
      {
        what: "The option rateLimits is neither a boolean nor rates.",
        fix: "Give true, false or { perSecond, perMinute }."
      }
    )
  }
  return [
    { count: rate("rateLimits.perSecond", given?.perSecond, provided?.perSecond ?? Infinity), millis: 1_000 },
    { count: rate("rateLimits.perMinute", given?.perMinute, provided?.perMinute ?? Infinity), millis: 60_000 }
  ].filter(({ count }) => count < Infinity)
}

/**
 * How typed calls treat the provider's limits (REQ-7).
 *
 * @example
 * ```ts
 * import type { ApiClientOptions } from "@tokenkeep/core"
 *
 * const options: ApiClientOptions = { rateLimits: { perSecond: 5 }, patience: "2 seconds" }
 * console.log(options.patience) // => 2 seconds
 * ```
 */
export interface ApiClientOptions {
  /**
   * How many requests each endpoint gets: `true` for the provider's own limits (the default), `false` for no limit, or
   * limits of your own, such as a share of the provider's. A 429 is honoured whatever this says.
   */
  readonly rateLimits?: boolean | Rates | undefined
  /** The longest wait for a limit, the issuer's or an endpoint's, in milliseconds or as a duration; 5 s by default. */
  readonly patience?: Duration.Input | undefined
}

/**
 * The options, checked; throws `CONFIG_INVALID` naming the one that cannot work.
 *
 * @param rates The provider's own limits.
 *
 * @example
 * ```ts
 * import { apiSettings } from "@tokenkeep/core"
 *
 * console.log(apiSettings({}, { perSecond: 10 }).patience) // => 5000
 * ```
 */
export const apiSettings = (options: ApiClientOptions, rates: Rates | undefined) => ({
  limits: limitsOf(options.rateLimits, rates),
  patience: positiveMillis("patience", options.patience, 5_000)
})
