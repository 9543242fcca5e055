import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** A smaller difference, in seconds, comes from the whole seconds of `Date` and the delay of the response. */
const smallest = 2

/** A clock that is off by more is not what a `Date` shows: an assertion would be valid for too long, in seconds. */
const largest = 86_400

/** RFC 9110, 5.6.7. `Date.parse` also accepts texts that are no date of HTTP. */
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * How far the server's clock is ahead of this one, in seconds, as the `Date` of a response says; `undefined` if that is
 * unknown, more than a day, or within a second or two of `known`. The `Date` of a cached response does not count.
 */
export const newSkew = (headers: Headers, known: number): number | undefined => {
  const date = headers.get("date") ?? ""
  const server = Date.parse(date)
  if (!httpDate.test(date) || Number.isNaN(server) || headers.has("age")) return undefined
  const skew = Math.round((server - Effect.runSync(Clock.currentTimeMillis)) / 1_000)
  return Math.abs(skew - known) < smallest || Math.abs(skew) > largest ? undefined : skew
}
