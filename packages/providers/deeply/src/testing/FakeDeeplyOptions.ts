import { checkNames } from "./checkNames.ts"
import { checkNumber, MAX_DELAY, type NumberRule } from "./checkNumber.ts"
import type { TokenRules } from "./server/FakeCredentials.ts"
import type { Rates } from "./server/FakeRateLimit.ts"
import type { SampleEvent } from "./SampleData.ts"

/**
 * The options of a fake server. Each is optional.
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
  /** The lifetime of a token, in milliseconds; `Infinity` for tokens that do not expire. Default 15 minutes. */
  readonly tokenLifetime?: number
  /** Whether tokens are JWTs with `exp` and a random id, instead of opaque strings. Default false. */
  readonly jwt?: boolean
  /** Whether issuing a token revokes all earlier tokens. Default false. */
  readonly voidPrevious?: boolean
  /** Milliseconds that a response of a general endpoint is delayed after the request was processed. Default 0. */
  readonly latency?: number
  /** Milliseconds that a response of the reissue endpoint is delayed after the token was issued. Default 0. */
  readonly tokenRequestLatency?: number
  /**
   * The rate limits of each endpoint, including the reissue endpoint; false for none. Default true: the documented
   * limits of 10 requests per second and 1,000 per minute.
   */
  readonly rateLimits?: boolean | { readonly perSecond?: number; readonly perMinute?: number }
  /** The number of generated sample events, or the events themselves. Default 100. */
  readonly events?: number | readonly SampleEvent[]
  /** The seed of the sample data, a whole number. Default 1. */
  readonly seed?: number
  /** The first API key. Default a random key. */
  readonly apiKey?: string
}

/** @internal Checked options with the defaults filled in. */
export interface Settings extends TokenRules {
  readonly latency: number
  readonly tokenRequestLatency: number
  readonly rates: Rates | undefined
  readonly events: number | readonly SampleEvent[]
  readonly seed: number
  readonly apiKey: string | undefined
}

const lifetime: NumberRule = { unit: "milliseconds", from: 1, to: Infinity }
const delay: NumberRule = { unit: "milliseconds", from: 0, to: MAX_DELAY }
const rate: NumberRule = { unit: "a whole number of requests", from: 1, to: Infinity, whole: true }
const count: NumberRule = { unit: "a whole number of events", from: 0, to: 1_000_000, whole: true }
const integer: NumberRule = {
  unit: "a whole number",
  from: Number.MIN_SAFE_INTEGER,
  to: Number.MAX_SAFE_INTEGER,
  whole: true
}

/** @internal The names of all options. */
export const optionNames = [
  "now",
  "tokenLifetime",
  "jwt",
  "voidPrevious",
  "latency",
  "tokenRequestLatency",
  "rateLimits",
  "events",
  "seed",
  "apiKey"
] as const satisfies readonly (keyof FakeDeeplyOptions)[]

/** @internal Checks the options; throws an error that names the wrong option and the allowed values. */
export const toSettings = (options: FakeDeeplyOptions): Settings => {
  checkNames("the options", options, optionNames)
  return {
    now: checkClock(options.now),
    tokenLifetime: checkNumber("tokenLifetime", options.tokenLifetime ?? 15 * 60_000, lifetime),
    jwt: checkBoolean("jwt", options.jwt),
    voidPrevious: checkBoolean("voidPrevious", options.voidPrevious),
    latency: checkNumber("latency", options.latency ?? 0, delay),
    tokenRequestLatency: checkNumber("tokenRequestLatency", options.tokenRequestLatency ?? 0, delay),
    rates: checkRates(options.rateLimits),
    events: checkEvents(options.events ?? 100),
    seed: checkNumber("seed", options.seed ?? 1, integer),
    apiKey: checkKey(options.apiKey)
  }
}

const checkClock = (now: unknown = Date.now) => {
  if (typeof now !== "function")
    throw new TypeError("`now` is not a function: pass one that returns epoch milliseconds")
  return now as () => number
}

const checkBoolean = (name: string, value: unknown = false) => {
  if (typeof value !== "boolean") throw new TypeError(`\`${name}\` is a ${typeof value}: pass true or false`)
  return value
}

const checkRates = (limits: FakeDeeplyOptions["rateLimits"] = true): Rates | undefined => {
  if (limits === false) return undefined
  if (limits !== true && (typeof limits !== "object" || limits === null))
    throw new TypeError("`rateLimits` is neither a boolean nor an object: pass true, false or { perSecond, perMinute }")
  if (limits !== true) checkNames("`rateLimits`", limits, ["perSecond", "perMinute"])
  const { perSecond = 10, perMinute = 1_000 } = limits === true ? {} : limits
  return {
    perSecond: checkNumber("rateLimits.perSecond", perSecond, rate),
    perMinute: checkNumber("rateLimits.perMinute", perMinute, rate)
  }
}

const checkEvents = (events: NonNullable<FakeDeeplyOptions["events"]>) =>
  Array.isArray(events) ? [...(events as readonly SampleEvent[])] : checkNumber("events", events, count)

/** The message does not repeat the key: it might be a real one. */
const checkKey = (apiKey: unknown) => {
  if (apiKey === undefined) return undefined
  if (typeof apiKey === "string" && /^[\x21-\x7e]+$/.test(apiKey)) return apiKey
  throw new TypeError(
    "`apiKey` cannot be sent in a header: pass visible ASCII characters without spaces, or leave it out"
  )
}
