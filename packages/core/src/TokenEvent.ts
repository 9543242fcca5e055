import type { AuthErrorCode } from "./AuthError.ts"

interface EventBase {
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * Why a token was needed: there was none, it ended, it was refused, or its end came near and nobody had to wait; or,
 * after the storage had failed, to share one token with all again (`"rejoin"`).
 *
 * @example
 * ```ts
 * import type { RenewalReason } from "@tokenkeep/core"
 *
 * const reason: RenewalReason = "window"
 * console.log(reason) // => window
 * ```
 */
export type RenewalReason = "first" | "expired" | "rejected" | "window" | "rejoin"

/**
 * How a token was refused: as expired, as invalid, or for a reason that nobody told.
 *
 * @example
 * ```ts
 * import type { RejectionReason } from "@tokenkeep/core"
 *
 * const reason: RejectionReason = "expired"
 * console.log(reason) // => expired
 * ```
 */
export type RejectionReason = "expired" | "invalid" | "unknown"

/**
 * What happened to a token, for logs and alerts; it never holds a secret (OBS-1).
 *
 * - `renewal-started`: a token is being had; in the `background` nobody waits for it.
 * - `issued`: the issuer gave a new token; `tookMillis` from the call to the answer, `waited` callers were held up.
 * - `adopted`: a token that somebody else renewed was found in the storage.
 * - `renewal-failed`: no token could be had; `code` says why. In the background the good token goes on.
 * - `rejected`: the current token was refused at this age, and is not sent again.
 * - `key-rejected`: the issuer refused the API key; nothing is sent to it until `retryAt`, unless the key changes.
 * - `key-rotated`: the next key is in use, since the one before was refused.
 * - `budget-exceeded`: so many issue calls were made that something must be looping.
 * - `lease-waited`: somebody else (`owner`) had the right to renew, and was waited for.
 * - `storage-degraded`, `storage-recovered`: the storage failed, and the next best serves until it works again.
 * - `record-ignored`: what was stored is no record, or was sealed with another key; it counts as absent.
 * - `cleartext-proxied`: this runtime sends plain-http requests, credentials included, through the environment's proxy.
 * - `events-dropped`: a reader of `events()` was too slow and lost this many.
 *
 * @example
 * ```ts
 * import type { TokenEvent } from "@tokenkeep/core"
 *
 * const log = (event: TokenEvent) => console.log(event.type)
 * log({ type: "rejected", at: 0, tokenId: "7f3a", reason: "expired", age: 900_000 }) // => rejected
 * ```
 */
export type TokenEvent =
  | (EventBase & { readonly type: "renewal-started"; readonly reason: RenewalReason; readonly background: boolean })
  | (EventBase & {
      readonly type: "issued"
      readonly tokenId: string
      readonly reason: RenewalReason
      readonly tookMillis: number
      readonly waited: number
    })
  | (EventBase & {
      readonly type: "adopted"
      readonly tokenId: string
      readonly reason: RenewalReason
      readonly waited: number
    })
  | (EventBase & {
      readonly type: "renewal-failed"
      readonly reason: RenewalReason
      readonly code: AuthErrorCode
      readonly background: boolean
      readonly waited: number
    })
  | (EventBase & {
      readonly type: "rejected"
      readonly tokenId: string
      readonly reason: RejectionReason
      /** Milliseconds since it was issued. */
      readonly age: number
    })
  | (EventBase & {
      readonly type: "key-rejected"
      /** The key's name, as configured. */
      readonly key: string
      /** Epoch milliseconds. */
      readonly retryAt: number
    })
  | (EventBase & { readonly type: "key-rotated"; readonly key: string })
  | (EventBase & { readonly type: "budget-exceeded"; readonly retryAt: number })
  | (EventBase & {
      readonly type: "lease-waited"
      readonly owner: string
      readonly waitedMillis: number
    })
  | (EventBase & {
      readonly type: "storage-degraded"
      readonly operation: string
      /** What happened, without secrets. */
      readonly detail: string
    })
  | (EventBase & { readonly type: "record-ignored"; readonly why: "unreadable" | "sealed" })
  | (EventBase & { readonly type: "storage-recovered" })
  | (EventBase & { readonly type: "cleartext-proxied"; readonly origin: string })
  | (EventBase & { readonly type: "events-dropped"; readonly dropped: number })
