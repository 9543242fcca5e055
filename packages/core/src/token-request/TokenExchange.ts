import type { TokenVerdict } from "../ports/Provider.ts"

/** A verdict, and the facts of the response that it was read from. */
export interface TokenExchange {
  readonly verdict: TokenVerdict
  readonly status: number
  readonly headers: Headers
  /** When the request was sent, in epoch milliseconds: a token's lifetime counts from there. */
  readonly sentAt: number
  /** How long it took, in milliseconds of the monotonic clock. */
  readonly tookMillis: number
}
