import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

// Every name that dashboards rely on, in one place. None of this is on the hit path.

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
  /** From the need of a token until it is there, for all who wait. */
  renew: "tokenkeep.renew",
  /** The call to the issuer, with all its tries. */
  issue: "tokenkeep.issue",
  load: "tokenkeep.storage.load",
  save: "tokenkeep.storage.save",
  /** The wait for somebody else, who has the lease, to renew for all. */
  lease: "tokenkeep.storage.lease",
  /** The request that is repeated after a 401, with the renewal before it. */
  replay: "tokenkeep.replay"
} as const

/**
 * The names of the metrics.
 *
 * @example
 * ```ts
 * import { metrics } from "@tokenkeep/core"
 *
 * console.log(metrics.issueCalls) // => tokenkeep_issue_calls
 * ```
 */
export const metrics = {
  /** Counter; calls sent to the issuer, each try counted. */
  issueCalls: "tokenkeep_issue_calls",
  /** Histogram; milliseconds from the call to the token, tries included. */
  issueMillis: "tokenkeep_issue_millis",
  /** Counter by `reason` and `outcome`: `issued`, `adopted` or an error's code. */
  renewals: "tokenkeep_renewals",
  /** Counter by `reason`: tokens that were refused. */
  rejections: "tokenkeep_rejections",
  /** Histogram; milliseconds that a renewal waited for somebody else's. */
  leaseWaitMillis: "tokenkeep_lease_wait_millis",
  /** Counter by `operation`: what the storage failed to do, once for each time it began to fail. */
  storageFailures: "tokenkeep_storage_failures",
  /** Counter; requests repeated after a 401. */
  replays: "tokenkeep_replays"
} as const

/** A function each call of which is a span of that name. */
export const traced: typeof Effect.fn = Effect.fn

const issueCalls = Metric.counter(metrics.issueCalls, { incremental: true })
const renewals = Metric.counter(metrics.renewals, { incremental: true })
const rejections = Metric.counter(metrics.rejections, { incremental: true })
const replays = Metric.counter(metrics.replays, { incremental: true })
const storageFailures = Metric.counter(metrics.storageFailures, { incremental: true })
const boundaries = Metric.exponentialBoundaries({ start: 5, factor: 2, count: 12 })
const issueMillis = Metric.histogram(metrics.issueMillis, { boundaries })
const leaseWaitMillis = Metric.histogram(metrics.leaseWaitMillis, { boundaries })

export const countIssueCall: Effect.Effect<void> = Metric.update(issueCalls, 1)

export const countReplay: Effect.Effect<void> = Metric.update(replays, 1)

export const countRejection = (reason: string): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(rejections, { reason }), 1)

export const countRenewal = (reason: string, outcome: string): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(renewals, { reason, outcome }), 1)

export const recordIssueMillis = (millis: number): Effect.Effect<void> => Metric.update(issueMillis, millis)

export const recordLeaseWait = (millis: number): Effect.Effect<void> => Metric.update(leaseWaitMillis, millis)

export const countStorageFailure = (operation: string): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(storageFailures, { operation }), 1)
