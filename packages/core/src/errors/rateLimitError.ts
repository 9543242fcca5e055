import type { TokenkeepErrorReason } from "./errorCodes.ts"
import { retryAtOf } from "./retryAfter.ts"
import { TokenkeepError } from "./TokenkeepError.ts"

/** The last instant that a date can hold. */
const lastInstant = 8.64e15

/** An instant as a person reads it. */
export const instant = (at: number): string => new Date(Math.min(at, lastInstant)).toISOString()

/** `RATE_LIMITED` for an endpoint whose limit the server reported. */
export const rateLimitExceeded = (reason: Extract<TokenkeepErrorReason, { readonly _tag: "RateLimited" }>) =>
  TokenkeepError.of(reason, {
    what: `The rate limit of ${reason.endpoint} is exceeded.`,
    fix: `Wait until ${instant(reason.retryAt)}, and send fewer requests.`
  })

/** A 429 response as the error for the caller. */
export const rateLimitedBy = (
  endpoint: string,
  now: number,
  headers: Headers,
  limit: {
    readonly resetAt?: number | undefined
    readonly limit?: number | undefined
    readonly remaining?: number | undefined
  }
) =>
  rateLimitExceeded({
    _tag: "RateLimited",
    retryAt: retryAtOf(now, headers, limit.resetAt),
    limit: limit.limit,
    remaining: limit.remaining,
    endpoint
  })
