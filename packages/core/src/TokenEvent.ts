import type { AuthErrorCode } from "./AuthError.ts"

interface EventBase {
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * Why a token was needed.
 *
 * @example
 * ```ts
 * import type { RenewalReason } from "@tokenkeep/core"
 *
 * const reason: RenewalReason = "rejected"
 * console.log(reason) // => rejected
 * ```
 */
export type RenewalReason = "first" | "expired" | "rejected"

/**
 * What happened to a token, for logs and alerts; it never holds a secret (OBS-1).
 *
 * - `issued`: the issuer gave a new token; `tookMillis` from the call to the answer.
 * - `adopted`: a token that somebody else renewed was found in the storage.
 * - `rejected`: the current token was refused and is not sent again.
 * - `issue-failed`, `key-rejected`: no token could be had; `code` says why.
 * - `storage-degraded`, `storage-recovered`: the storage failed, and memory serves until it works again.
 * - `cleartext-proxied`: this runtime sends plain-http requests, credentials included, through the environment's proxy.
 *
 * @example
 * ```ts
 * import type { TokenEvent } from "@tokenkeep/core"
 *
 * const log = (event: TokenEvent) => console.log(event.type)
 * log({ type: "rejected", at: 0, tokenId: "7f3a" }) // => rejected
 * ```
 */
export type TokenEvent =
  | (EventBase & {
      readonly type: "issued"
      readonly tokenId: string
      readonly reason: RenewalReason
      readonly tookMillis: number
    })
  | (EventBase & { readonly type: "adopted"; readonly tokenId: string; readonly reason: RenewalReason })
  | (EventBase & { readonly type: "rejected"; readonly tokenId: string })
  | (EventBase & {
      readonly type: "issue-failed" | "key-rejected"
      readonly reason: RenewalReason
      readonly code: AuthErrorCode
    })
  | (EventBase & { readonly type: "storage-degraded"; readonly operation: string })
  | (EventBase & { readonly type: "storage-recovered" })
  | (EventBase & { readonly type: "cleartext-proxied"; readonly origin: string })

/** Hands an event to the user's listener, whose failure is its own. */
export const emitTo =
  (onEvent: ((event: TokenEvent) => void) | undefined) =>
  (event: TokenEvent): void => {
    if (onEvent === undefined) return
    try {
      onEvent(event)
    } catch {
      // A listener's bug must not fail the request that it watches.
    }
  }
