import type { TokenkeepErrorCode } from "../errors/errorCodes.ts"

interface EventBase {
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * Why a token was needed: there was none yet (`"first"`), it expired, it was rejected, or it was renewed in the background
 * before its end (`"window"`).
 *
 * @example
 * ```ts
 * import type { RenewalReason } from "@tokenkeep/core"
 *
 * const reason: RenewalReason = "window"
 * console.log(reason) // => window
 * ```
 */
export type RenewalReason = "first" | "expired" | "rejected" | "window"

/**
 * How a token was rejected: as expired, as invalid, or without a known reason.
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
 * What happened to a token, for logs and alerts; it never contains a secret.
 *
 * - `renewal-started`: a renewal begins; with `background`, no caller waits for it.
 * - `issued`: the issuer returned a new token; `tookMillis` for the request, `waited` callers waited.
 * - `adopted`: a token that another client renewed was found in the storage.
 * - `renewal-failed`: the renewal failed with `code`. In the background, the current token stays in use.
 * - `rejected`: the current token was rejected at this age, and is not sent again.
 * - `key-rejected`: the issuer rejected the API key; it is not sent again until `retryAt`, unless the key changes.
 * - `key-rotated`: the next key is in use because the previous one was rejected.
 * - `token-request-limited`: the client has sent too many token requests, as in a loop.
 * - `lease-waited`: another client (`owner`) owned the lease, and this one waited for it.
 * - `storage-degraded`, `storage-recovered`: the storage fails, and the client continues without it until it works again.
 * - `rate-limit-waiting`: a typed call got a 429, and waits for its `endpoint` until then.
 * - `record-ignored`: a stored record is malformed or encrypted with an unknown key, and is ignored.
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
      readonly code: TokenkeepErrorCode
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
  | (EventBase & { readonly type: "token-request-limited"; readonly retryAt: number })
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
  | (EventBase & {
      readonly type: "rate-limit-waiting"
      readonly endpoint: string
      /** Epoch milliseconds. */
      readonly until: number
    })
  | (EventBase & { readonly type: "record-ignored"; readonly why: "unreadable" | "sealed" })
  | (EventBase & { readonly type: "storage-recovered" })
