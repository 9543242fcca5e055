import type * as Duration from "effect/Duration"
import type { LifetimeSource } from "./AccessToken.ts"
import { AuthError } from "./AuthError.ts"
import { positiveMillis } from "./internal/options.ts"

/**
 * When a token is renewed before it ends.
 *
 * @example
 * ```ts
 * import type { RenewalOptions } from "@tokenkeep/core"
 *
 * const renewal: RenewalOptions = { window: "2 minutes", assumedLifetime: "1 hour" }
 * console.log(renewal.window) // => 2 minutes
 * ```
 */
export interface RenewalOptions {
  /** How long before its end a token is renewed, in milliseconds or as a duration; by default a fifth of its life. */
  readonly window?: Duration.Input | undefined
  /** The longest window, in milliseconds or as a duration; 10 minutes by default. */
  readonly maxWindow?: Duration.Input | undefined
  /** How far the window is moved at random, as a part of it between 0 and 1; 0.1 by default, the same for a process. */
  readonly jitter?: number | undefined
  /** How long a token is taken to live when nothing tells, in milliseconds or as a duration; not assumed by default. */
  readonly assumedLifetime?: Duration.Input | undefined
}

/** {@link RenewalOptions}, checked, in milliseconds. */
export interface RenewalSettings {
  readonly window: number | undefined
  readonly maxWindow: number
  readonly jitter: number
  readonly assumedLifetime: number | undefined
}

const invalid = (option: string, what: string, fix: string) =>
  AuthError.of({ _tag: "ConfigInvalid", option }, { what: `The option ${option} ${what}.`, fix })

/** Checks the options; throws `CONFIG_INVALID` naming the one that cannot work. */
export const renewalSettings = (options: RenewalOptions = {}): RenewalSettings => {
  const { assumedLifetime, jitter = 0.1, window } = options
  const settings = {
    window: window === undefined ? undefined : positiveMillis("renewal.window", window, 0),
    maxWindow: positiveMillis("renewal.maxWindow", options.maxWindow, 600_000),
    jitter,
    assumedLifetime:
      assumedLifetime === undefined ? undefined : positiveMillis("renewal.assumedLifetime", assumedLifetime, 0)
  }
  if (!(jitter >= 0 && jitter < 1))
    throw invalid("renewal.jitter", "is not between 0 and 1", "Give a part, such as 0.1.")
  if (settings.assumedLifetime !== undefined && !isPlausible(settings.assumedLifetime)) {
    throw invalid("renewal.assumedLifetime", "is no life of a token", "Give between a second and ten years.")
  }
  if (settings.window !== undefined && settings.window > settings.maxWindow) {
    throw invalid("renewal.window", "is longer than renewal.maxWindow", "Shorten it, or raise maxWindow.")
  }
  return settings
}

/** Lives outside of this are nobody's: seconds taken for milliseconds, NaN, `1e400`, the past, for ever. */
const shortest = 1_000
const longest = 10 * 366 * 86_400_000

/** Whether a life, in milliseconds, can be one: an absurd hint is ignored, not guessed at (TOK-9). */
export const isPlausible = (life: number | undefined): life is number =>
  typeof life === "number" && life >= shortest && life <= longest

/** What is known of a token's life, in milliseconds each. */
export interface LifetimeHints {
  readonly declared?: number | undefined
  readonly jwt?: number | undefined
  readonly observed?: number | undefined
  readonly assumed?: number | undefined
}

const order = ["declared", "jwt", "observed", "assumed"] as const

/** The life to reckon with: the first plausible hint in the promised order (TOK-6). */
export const lifetimeOf = (hints: LifetimeHints): { readonly life?: number; readonly source: LifetimeSource } => {
  for (const source of order) {
    const life = hints[source]
    if (isPlausible(life)) return { life, source }
  }
  return { source: "unknown" }
}

/**
 * How long before its end a token of this life is renewed, in milliseconds: never more than half its life, or a short
 * token would be renewed for ever.
 *
 * @param lot This process's place within the jitter, between -1 and 1.
 */
export const windowOf = (life: number, settings: RenewalSettings, lot: number): number => {
  const wanted = settings.window ?? Math.min(life / 5, settings.maxWindow)
  return Math.min(wanted * (1 + settings.jitter * lot), life / 2)
}

/** The longest wait after failed background renewals, in milliseconds. */
const longestBackOff = 60_000

/**
 * How long a failed background renewal is left alone, in milliseconds: doubling, capped, and at random down to half.
 *
 * @param failures How many failed in a row, from 1.
 * @param lot Between 0 and 1.
 */
export const backOffOf = (failures: number, window: number, lot: number): number => {
  const first = Math.min(1_000, window / 2)
  return Math.min(first * 2 ** (failures - 1), longestBackOff) * (0.5 + lot / 2)
}

/** What refusals taught about a credential's tokens, in milliseconds. */
export interface Observations {
  /** The age at the latest "expired" refusal. */
  readonly last?: number | undefined
  /** The life that two refusals in a row agreed on. */
  readonly estimate?: number | undefined
}

/** Two ages agree when they are within this factor of each other. */
const agreement = 1.2

/**
 * What an "expired" refusal at this age teaches: an estimate counts once two in a row agree, and then it is the shorter
 * of the two. Ages under a second are a clock's or a cache's trouble, and teach nothing.
 */
export const learn = (known: Observations, age: number): Observations => {
  if (!isPlausible(age)) return known
  const { estimate, last } = known
  const agrees = last !== undefined && Math.max(last, age) <= Math.min(last, age) * agreement
  return { last: age, estimate: agrees ? Math.min(last, age) : estimate }
}

/** How often a token of a learned life is left to end by itself, so that the estimate can grow again. */
export const isProbe = (issued: number): boolean => issued % 20 === 0
