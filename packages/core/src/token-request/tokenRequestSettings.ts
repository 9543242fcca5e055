import type * as Duration from "effect/Duration"
import { group, positiveMillis, positiveNumber, readOptions, wholeNumber } from "../errors/optionChecks.ts"

/**
 * How a token request is sent; durations are of type `Time`.
 *
 * @example
 * ```ts
 * import type { TokenRequestOptionsOf } from "@tokenkeep/core"
 *
 * const tokenRequest: TokenRequestOptionsOf<number> = { deadline: 5_000, tries: 2 }
 * console.log(tokenRequest.deadline) // => 5000
 * ```
 */
export interface TokenRequestOptionsOf<Time> {
  /** The longest time for all tries and the waits between them, without reading the API key; default 10 seconds. */
  readonly deadline?: Time | undefined
  /** The most tries after network errors and 5xx responses; default 3. */
  readonly tries?: number | undefined
  /** The largest response body, in bytes; default 64 KiB. */
  readonly maxBody?: number | undefined
}

/**
 * How a token request is sent.
 *
 * @example
 * ```ts
 * import type { TokenRequestOptions } from "@tokenkeep/core"
 *
 * const tokenRequest: TokenRequestOptions = { deadline: "5 seconds", tries: 2, maxBody: 16 * 1024 }
 * console.log(tokenRequest.tries) // => 2
 * ```
 */
export type TokenRequestOptions = TokenRequestOptionsOf<Duration.Input>

/** What bounds token requests; durations are of type `Time`. */
export interface TokenRequestLimitOptionsOf<Time> {
  /** How a token request is sent. */
  readonly tokenRequest?: TokenRequestOptionsOf<Time> | undefined
  /** The longest wait for a rate limit, of a token request or of an endpoint; default 5 seconds. */
  readonly maxWait?: Time | undefined
  /**
   * How many token requests are allowed: `burst` at once, default 10, and `perSecond` on average, default 1. Above that,
   * a call fails with `TOKEN_REQUEST_LIMITED`.
   */
  readonly budget?: { readonly burst?: number | undefined; readonly perSecond?: number | undefined } | undefined
  /** How long a rejected API key is not tried again: `initial`, default 30 seconds, doubled up to `max`, default 2 minutes. */
  readonly keyCooldown?: { readonly initial?: Time | undefined; readonly max?: Time | undefined } | undefined
}

/**
 * Limits for token requests.
 *
 * @example
 * ```ts
 * import type { TokenRequestLimitOptions } from "@tokenkeep/core"
 *
 * const limits: TokenRequestLimitOptions = { budget: { burst: 5, perSecond: 0.5 }, maxWait: "2 seconds" }
 * console.log(limits.budget?.burst) // => 5
 * ```
 */
export type TokenRequestLimitOptions = TokenRequestLimitOptionsOf<Duration.Input>

export const tokenRequestChecks = {
  tokenRequest: group({
    deadline: positiveMillis(10_000),
    tries: wholeNumber(3, 1),
    maxBody: wholeNumber(64 * 1024, 1)
  }),
  maxWait: positiveMillis(5_000),
  budget: group({ burst: wholeNumber(10, 1), perSecond: positiveNumber(1) }),
  keyCooldown: group({ initial: positiveMillis(30_000), max: positiveMillis(120_000) })
}

/** The options, checked, in milliseconds and bytes. */
export type TokenRequestSettings = ReturnType<typeof tokenRequestSettings>

/** Checks the options; throws `CONFIG_INVALID` with the name of the one that is wrong. */
export const tokenRequestSettings = (options: TokenRequestLimitOptions = {}) => {
  const { budget, keyCooldown, maxWait, tokenRequest } = readOptions(options, tokenRequestChecks)
  const { initial, max } = keyCooldown
  return { ...tokenRequest, maxWait, ...budget, cooldown: { initial, max: Math.max(initial, max) } }
}
