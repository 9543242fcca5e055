import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** A smaller difference, in seconds, comes from the whole seconds of `Date` and the delay of the response. */
const smallest = 2

/**
 * How far the server's clock is ahead of this one, in seconds, as the `Date` of a response says; `undefined` if that is
 * unknown or within a second or two of `known`. The `Date` of a cached response does not count.
 */
export const newSkew = (headers: Headers, known: number): number | undefined => {
  const server = Date.parse(headers.get("date") ?? "")
  if (Number.isNaN(server) || headers.has("age")) return undefined
  const skew = Math.round((server - Effect.runSync(Clock.currentTimeMillis)) / 1_000)
  return Math.abs(skew - known) < smallest ? undefined : skew
}
