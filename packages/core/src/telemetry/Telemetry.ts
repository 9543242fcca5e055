import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

// Every name that dashboards rely on, in one place. None of this runs on the fast path.

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

/** A function whose calls are spans of that name. `Effect.fn` keeps a stack trace for each function, of each client. */
export const traced =
  (name: string) =>
  <Eff extends Effect.Effect<unknown, unknown, unknown>, A, Args extends Array<unknown>>(
    body: (...args: Args) => Generator<Eff, A, never>
  ) =>
  (...args: Args) =>
    Effect.withSpan(
      Effect.gen(() => body(...args)),
      name
    )

const tokenRequests = Metric.counter(metrics.tokenRequests, { incremental: true })
const renewals = Metric.counter(metrics.renewals, { incremental: true })
const rejections = Metric.counter(metrics.rejections, { incremental: true })
const replays = Metric.counter(metrics.replays, { incremental: true })
const storageFailures = Metric.counter(metrics.storageFailures, { incremental: true })
const boundaries = Metric.exponentialBoundaries({ start: 5, factor: 2, count: 12 })
const tokenRequestMillis = Metric.histogram(metrics.tokenRequestMillis, { boundaries })
const leaseWaitMillis = Metric.histogram(metrics.leaseWaitMillis, { boundaries })

export const countTokenRequest: Effect.Effect<void> = Metric.update(tokenRequests, 1)

export const countReplay: Effect.Effect<void> = Metric.update(replays, 1)

export const countRejection = (reason: string): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(rejections, { reason }), 1)

export const countRenewal = (reason: string, outcome: string): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(renewals, { reason, outcome }), 1)

export const recordTokenRequestMillis = (millis: number): Effect.Effect<void> =>
  Metric.update(tokenRequestMillis, millis)

export const recordLeaseWait = (millis: number): Effect.Effect<void> => Metric.update(leaseWaitMillis, millis)

export const countStorageFailure = (operation: string): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(storageFailures, { operation }), 1)
