// Every name that dashboards rely on, in one place.

/**
 * The names of the spans.
 *
 * @example
 * ```ts
 * import { spans } from "@tokenkeep/core"
 *
 * console.log(spans.renew) // => tokenkeep.renew
 * ```
 */
export const spans = {
  /** A renewal, for all callers that wait for it. */
  renew: "tokenkeep.renew",
  /** The token request, with all its tries. */
  tokenRequest: "tokenkeep.token_request",
  load: "tokenkeep.storage.load",
  save: "tokenkeep.storage.save",
  /** The wait for another client that owns the lease and renews for all. */
  lease: "tokenkeep.storage.lease",
  /** The renewal and the repeated request after a 401. */
  replay: "tokenkeep.replay"
} as const

/**
 * The names of the metrics.
 *
 * @example
 * ```ts
 * import { metrics } from "@tokenkeep/core"
 *
 * console.log(metrics.tokenRequests) // => tokenkeep_token_requests
 * ```
 */
export const metrics = {
  /** Counter: token requests that were sent, each try counted. */
  tokenRequests: "tokenkeep_token_requests",
  /** Histogram: milliseconds from the token request to the token. */
  tokenRequestMillis: "tokenkeep_token_request_millis",
  /** Counter by `reason` and `outcome`: `issued`, `adopted` or an error's code. */
  renewals: "tokenkeep_renewals",
  /** Counter by `reason`: rejected tokens. */
  rejections: "tokenkeep_rejections",
  /** Histogram: milliseconds that a renewal waited for another client's. */
  leaseWaitMillis: "tokenkeep_lease_wait_millis",
  /** Counter by `operation`: how often the storage began to fail. */
  storageFailures: "tokenkeep_storage_failures",
  /** Counter: requests repeated after a 401. */
  replays: "tokenkeep_replays"
} as const

/**
 * The upper bounds of the buckets of both histograms, in milliseconds. Higher values are in one more bucket.
 *
 * @example
 * ```ts
 * import { histogramBounds } from "@tokenkeep/core"
 *
 * console.log(histogramBounds.at(0), histogramBounds.at(-1)) // => 5 5120
 * ```
 */
export const histogramBounds: ReadonlyArray<number> = [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 5_120]
