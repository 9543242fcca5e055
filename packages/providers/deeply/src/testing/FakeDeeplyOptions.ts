import { checkNumber, MAX_DELAY, type NumberRule } from "./checkNumber.ts"
import type { TokenRules } from "./FakeCredentials.ts"
import type { Rates } from "./FakeRateLimit.ts"
import type { SampleEvent } from "./SampleData.ts"

/**
 * How a fake server behaves; every option has a default.
 *
 * @example
 * ```ts
 * import { createFakeDeeply, type FakeDeeplyOptions } from "@tokenkeep/deeply/testing"
 *
 * let clock = 0
 * const options: FakeDeeplyOptions = { now: () => clock, tokenLifetime: 60_000, rateLimits: false }
 * const fake = createFakeDeeply(options)
 *
 * const key = { authorization: `Bearer ${fake.apiKey}` }
 * const issued = await fake.handle(new Request("http://fake/api/v1/auth/reissue", { headers: key }))
 * const headers = { authorization: `Bearer ${(await issued.json()).access_token}` }
 * const events = () => fake.handle(new Request("http://fake/api/v1/events", { headers }))
 * console.log((await events()).status) // => 200
 * clock = 60_000
 * console.log((await events()).status) // => 401
 * ```
 */
export interface FakeDeeplyOptions {
  /** The server's clock, in epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
  /** Milliseconds until a token expires; `Infinity` for never. Default 15 minutes. */
  readonly tokenLifetime?: number
  /** Tokens are JWTs with `exp` (seconds) and a random id; else they are opaque. Default false. */
  readonly jwt?: boolean
  /** Each issue voids the tokens before it. Default false. */
  readonly voidPrevious?: boolean
  /** Milliseconds each answer of a general endpoint takes after it was decided. Default 0. */
  readonly latency?: number
  /** Milliseconds each answer of the reissue endpoint takes after the token was made. Default 0. */
  readonly issueLatency?: number
  /**
   * The limits of each endpoint, the reissue endpoint too; false for none. Default true, the documented ones: 10
   * requests a second and 1,000 a minute.
   */
  readonly rateLimits?: boolean | { readonly perSecond?: number; readonly perMinute?: number }
  /** How many sample events there are, or the events themselves. Default 100. */
  readonly events?: number | readonly SampleEvent[]
  /** Seed of the sample data, a whole number. Default 1. */
  readonly seed?: number
  /** The API key that is valid at first. Default: a random one. */
  readonly apiKey?: string
}

/** @internal Options that have been checked, with the defaults filled in. */
export interface Settings extends TokenRules {
  readonly latency: number
  readonly issueLatency: number
  readonly rates: Rates | undefined
  readonly events: number | readonly SampleEvent[]
  readonly seed: number
  readonly apiKey: string | undefined
}

const lifetime: NumberRule = { unit: "milliseconds", from: 1, to: Infinity }
const waiting: NumberRule = { unit: "milliseconds", from: 0, to: MAX_DELAY }
const rate: NumberRule = { unit: "a whole number of requests", from: 1, to: Infinity, whole: true }
const count: NumberRule = { unit: "a whole number of events", from: 0, to: 1_000_000, whole: true }
const integer: NumberRule = {
  unit: "a whole number",
  from: Number.MIN_SAFE_INTEGER,
  to: Number.MAX_SAFE_INTEGER,
  whole: true
}

/** @internal Throws an error that says cause and fix where an option cannot work. */
export const toSettings = (options: FakeDeeplyOptions): Settings => ({
  now: clockOf(options.now),
  tokenLifetime: checkNumber("tokenLifetime", options.tokenLifetime ?? 15 * 60_000, lifetime),
  jwt: flagOf("jwt", options.jwt),
  voidPrevious: flagOf("voidPrevious", options.voidPrevious),
  latency: checkNumber("latency", options.latency ?? 0, waiting),
  issueLatency: checkNumber("issueLatency", options.issueLatency ?? 0, waiting),
  rates: ratesOf(options.rateLimits),
  events: eventsOf(options.events ?? 100),
  seed: checkNumber("seed", options.seed ?? 1, integer),
  apiKey: keyOf(options.apiKey)
})

const clockOf = (now: unknown = Date.now) => {
  if (typeof now !== "function") throw new TypeError("`now` must be a function that gives epoch milliseconds")
  return now as () => number
}

const flagOf = (name: string, value: unknown = false) => {
  if (typeof value !== "boolean") throw new TypeError(`\`${name}\` is a ${typeof value}: give true or false`)
  return value
}

const ratesOf = (limits: FakeDeeplyOptions["rateLimits"] = true): Rates | undefined => {
  if (limits === false) return undefined
  if (limits !== true && (typeof limits !== "object" || limits === null))
    throw new TypeError("`rateLimits`: give true, false or { perSecond, perMinute }")
  const { perSecond = 10, perMinute = 1_000 } = limits === true ? {} : limits
  return {
    perSecond: checkNumber("rateLimits.perSecond", perSecond, rate),
    perMinute: checkNumber("rateLimits.perMinute", perMinute, rate)
  }
}

const eventsOf = (events: NonNullable<FakeDeeplyOptions["events"]>) =>
  Array.isArray(events) ? [...(events as readonly SampleEvent[])] : checkNumber("events", events, count)

/** The message does not repeat the key: it may be a real one, given by mistake. */
const keyOf = (apiKey: unknown) => {
  if (apiKey === undefined) return undefined
  if (typeof apiKey === "string" && /^[\x21-\x7e]+$/.test(apiKey)) return apiKey
  throw new TypeError("`apiKey` cannot go into a header: give visible ASCII characters without spaces, or leave it out")
}
