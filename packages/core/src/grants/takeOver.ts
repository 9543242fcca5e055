import type { Clocks } from "../runtime/clocks.ts"
import type { GrantRecord } from "./grantRecord.ts"

/** How often a record that another client may change is loaded, in milliseconds. */
const poll = 250

/** The pauses between repeats that the server does not respond to, in milliseconds: doubling from the first to the longest. */
const backOff = { first: 1_000, longest: 30_000 }

/** An exchange that began this long ago is over, in milliseconds, whatever this client has seen of it: clocks differ less. */
const longOver = 2 * 3_600_000

/** When the exchange of another client, or one whose result is unknown, may be repeated. */
export const takeOver = (
  options: Clocks & {
    /** How long the server accepts a refresh token again after its first use, in milliseconds. */
    readonly grace: number | undefined
    /** How long the current access token is still good, in milliseconds. */
    readonly tokenLasts: () => number
  }
) => {
  const { grace = 0, mono, tokenLasts, wall } = options
  /** The intent that was seen last, and since when. */
  let seen: { readonly version: string; readonly since: number } | undefined

  const seenSince = ({ version }: GrantRecord): number => {
    if (seen?.version !== version) seen = { version, since: mono() }
    return seen.since
  }

  /** How long an exchange may still be under way, in milliseconds. */
  const timeLeft = (record: GrantRecord): number => {
    const { at, millis } = record
    // By the time that this client has seen pass: the clocks of two hosts may differ.
    return Math.min(seenSince(record) + millis - mono(), at + millis + longOver - wall())
  }

  /**
   * Whether the server still accepts the refresh token, although it may have been used. Without a grace period, this starts no
   * clock: it is called before the client waits for the lease, and an owner that is frozen gets that time as well.
   */
  const isForgiven = (record: GrantRecord): boolean =>
    grace > 0 && Math.max(mono() - seenSince(record), wall() - (record.repeats?.since ?? record.at)) < grace

  /** Not while the server has a grace period: that must suffice for all repeats. */
  const pauseAfter = (record: GrantRecord): number =>
    record.repeats === undefined || isForgiven(record)
      ? 0
      : Math.min(backOff.first * 2 ** (record.repeats.times - 1), backOff.longest)

  /**
   * Whether the exchange is repeated only when the current access token has expired: the server may end the grant when it is
   * asked again, so nothing else may be lost with it.
   */
  const isPutOff = (record: GrantRecord): boolean => !isForgiven(record) && tokenLasts() > 0

  /** How long to wait before the record is loaded again, in milliseconds; 0 if its exchange may be repeated now. */
  const waitFor = (record: GrantRecord): number => {
    const left = timeLeft(record) + pauseAfter(record)
    if (left > 0) return Math.min(left, poll)
    return isPutOff(record) ? poll : 0
  }

  return { timeLeft, isForgiven, isPutOff, waitFor }
}
