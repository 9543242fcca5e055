import type * as Duration from "effect/Duration"
import type { LifetimeSource } from "../credentials/AccessToken.ts"
import { checkOptions, invalidOption, numberWhere, positiveMillis } from "../errors/optionChecks.ts"

/**
 * When a token is renewed before it expires; durations are of type `Time`.
 *
 * @example
 * ```ts
 * import type { RenewalOptionsOf } from "@tokenkeep/core"
 *
 * const renewal: RenewalOptionsOf<number> = { window: 120_000 }
 * console.log(renewal.window) // => 120000
 * ```
 */
export interface RenewalOptionsOf<Time> {
  /** How long before a token expires it is renewed; default a fifth of its lifetime. */
  readonly window?: Time | undefined
  /** The longest window; default 10 minutes. */
  readonly maxWindow?: Time | undefined
  /** The largest random change of the window, as a fraction from 0 to below 1; default 0.1. One value per client. */
  readonly jitter?: number | undefined
  /** The lifetime of a token whose lifetime is not known; default none, so it is used until the API rejects it. */
  readonly assumedLifetime?: Time | undefined
}

/**
 * When a token is renewed before it expires.
 *
 * @example
 * ```ts
 * import type { RenewalOptions } from "@tokenkeep/core"
 *
 * const renewal: RenewalOptions = { window: "2 minutes", assumedLifetime: "1 hour" }
 * console.log(renewal.window) // => 2 minutes
 * ```
 */
export type RenewalOptions = RenewalOptionsOf<Duration.Input>

/** {@link RenewalOptions}, checked, in milliseconds. */
export interface RenewalSettings {
  readonly window: number | undefined
  readonly maxWindow: number
  readonly jitter: number
  readonly assumedLifetime: number | undefined
}

const checks = {
  window: positiveMillis(undefined),
  maxWindow: positiveMillis(600_000),
  jitter: numberWhere(0.1, "between 0 and 1", (value) => value >= 0 && value < 1),
  assumedLifetime: positiveMillis(undefined)
}

/** Checks the options; throws `CONFIG_INVALID` with the name of the one that is wrong. */
export const renewalSettings = (options: RenewalOptions = {}): RenewalSettings => {
  const settings = checkOptions(options, checks, "renewal")
  const { assumedLifetime, maxWindow, window = 0 } = settings
  if (assumedLifetime !== undefined && !isPlausible(assumedLifetime)) {
    throw invalidOption("renewal.assumedLifetime", "is not a token's lifetime", "Use one second to ten years.")
  }
  if (window > maxWindow) {
    throw invalidOption("renewal.window", "is longer than renewal.maxWindow", "Shorten it, or raise maxWindow.")
  }
  return settings
}

/** Lifetimes outside of this are mistakes, in milliseconds: seconds taken for milliseconds, NaN, `1e400`, the past. */
const shortest = 1_000
const longest = 10 * 366 * 86_400_000

/** Whether a lifetime, in milliseconds, is plausible: any other hint is ignored. */
export const isPlausible = (lifetime: number | undefined): lifetime is number =>
  typeof lifetime === "number" && lifetime >= shortest && lifetime <= longest

/** What is known about a token's lifetime, in milliseconds. */
export interface LifetimeHints {
  readonly declared?: number | undefined
  readonly jwt?: number | undefined
  readonly observed?: number | undefined
  readonly assumed?: number | undefined
}

const order = ["declared", "jwt", "observed", "assumed"] as const

/** The lifetime to use: the first plausible hint in the documented order. */
export const lifetimeOf = (hints: LifetimeHints): { readonly lifetime?: number; readonly source: LifetimeSource } => {
  for (const source of order) {
    const lifetime = hints[source]
    if (isPlausible(lifetime)) return { lifetime, source }
  }
  return { source: "unknown" }
}

/**
 * How long before its end a token of this lifetime is renewed, in milliseconds. Never more than half the lifetime:
 * otherwise, a short-lived token would be renewed again and again.
 *
 * @param jitter This client's offset, from -1 to 1.
 */
export const windowOf = (lifetime: number, settings: RenewalSettings, jitter: number): number => {
  const wanted = settings.window ?? Math.min(lifetime / 5, settings.maxWindow)
  return Math.min(wanted * (1 + settings.jitter * jitter), lifetime / 2)
}

/** The longest wait after failed background renewals, in milliseconds. */
const longestBackOff = 60_000

/**
 * How long to wait after a failed background renewal, in milliseconds: doubling, capped, at random down to half.
 *
 * @param failures How many failed in a row, from 1.
 * @param random From 0 to 1.
 */
export const backOffOf = (failures: number, window: number, random: number): number => {
  const first = Math.min(1_000, window / 2)
  return Math.min(first * 2 ** (failures - 1), longestBackOff) * (0.5 + random / 2)
}

/** What "expired" rejections showed about a credential's tokens, in milliseconds. */
export interface Observations {
  /** The age at the latest one. */
  readonly last?: number | undefined
  /** The lifetime that two in a row agreed on. */
  readonly estimate?: number | undefined
}

/** Two ages agree if they differ by at most this factor. */
const agreement = 1.2

/**
 * Learns from an "expired" rejection at this age: two in a row that agree make an estimate, the shorter of the two. Ages
 * below one second come from wrong clocks or caches, and do not count.
 */
export const learn = (known: Observations, age: number): Observations => {
  if (!isPlausible(age)) return known
  const { estimate, last } = known
  const agrees = last !== undefined && Math.max(last, age) <= Math.min(last, age) * agreement
  return { last: age, estimate: agrees ? Math.min(last, age) : estimate }
}

/** Whether a token of a learned lifetime is left to expire, so that the estimate can grow again: every 20th. */
export const isProbe = (issuedCount: number): boolean => issuedCount % 20 === 0
