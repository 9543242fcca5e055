import type * as Duration from "effect/Duration"
import type { StorageOptions, StorageOptionsOf } from "../storage/storageSettings.ts"
import type { TokenEvent } from "../telemetry/TokenEvent.ts"
import type { TokenRequestLimitOptionsOf } from "../token-request/tokenRequestSettings.ts"
import type { RenewalOptionsOf } from "./RenewalPolicy.ts"

/**
 * How tokens are requested, renewed, stored and observed, without adapters; durations are of type `Time`.
 *
 * @example
 * ```ts
 * import type { TokenManagerOptionsOf } from "@tokenkeep/core"
 *
 * const options: TokenManagerOptionsOf<number> = { tokenRequest: { deadline: 5_000, tries: 2 } }
 * console.log(options.tokenRequest?.deadline) // => 5000
 * ```
 */
export interface TokenManagerOptionsOf<Time> extends TokenRequestLimitOptionsOf<Time>, StorageOptionsOf<Time> {
  /** When a token is renewed in the background, so that no request waits for it. */
  readonly renewal?: RenewalOptionsOf<Time> | undefined
  /** Receives an event for each token that is issued, adopted or rejected, and for each failure; it must not block. */
  readonly onTokenEvent?: ((event: TokenEvent) => void) | undefined
  /**
   * Receives the promise of each renewal, which never rejects, and keeps the runtime awake until it resolves. In
   * Cloudflare Workers, pass `waitUntil` of `cloudflare:workers`: without it, a token is never renewed in the background.
   * If it throws, the error is ignored.
   */
  readonly waitUntil?: ((promise: Promise<void>) => void) | undefined
}

/**
 * How tokens are requested, renewed, stored and observed.
 *
 * @example
 * ```ts
 * import type { TokenManagerOptions } from "@tokenkeep/core"
 *
 * const options: TokenManagerOptions = { tokenRequest: { deadline: "5 seconds", tries: 2 } }
 * console.log(options.tokenRequest?.tries) // => 2
 * ```
 */
export interface TokenManagerOptions extends TokenManagerOptionsOf<Duration.Input>, StorageOptions {}
