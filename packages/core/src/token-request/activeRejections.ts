import type { TokenkeepError } from "../errors/TokenkeepError.ts"
import { boundedMap } from "../runtime/boundedMap.ts"
import type { SharedRejection } from "../storage/record.ts"

export interface Rejection {
  readonly error: TokenkeepError
  /** Monotonic milliseconds. */
  readonly until: number
  /** How often in a row the key was rejected: the next cool-down is longer. */
  readonly times: number
  /** What other clients read from the record; `undefined` if a portal or firewall may have responded. */
  readonly shared: SharedRejection | undefined
}

/** How many credentials are remembered: keys may rotate for years. */
const capacity = 64

/**
 * What the issuer rejected and must not be sent again yet, by credential: a rejected key in its cool-down, or a
 * rate limit until its end. Times are monotonic milliseconds; since that clock stands still while a machine sleeps, the
 * wall clock may end a rejection as well.
 */
export const activeRejections = (
  cooldown: { readonly initial: number; readonly max: number },
  remembered?: Map<string, Rejection>
) => {
  const rejections = boundedMap(capacity, remembered)

  const isActive = ({ error, until }: Rejection, now: number, wall: number): boolean =>
    now < until && wall < (error.retryAt ?? Infinity)

  const active = (name: string, now: number, wall: number): Rejection | undefined => {
    const rejection = rejections.get(name)
    return rejection !== undefined && isActive(rejection, now, wall) ? rejection : undefined
  }

  const times = (name: string): number => rejections.get(name)?.times ?? 0

  return {
    /** How often in a row the key was rejected. */
    times,
    /** The error that calls fail with while the rejection is active. */
    errorFor: (name: string, now: number, wall: number): TokenkeepError | undefined => active(name, now, wall)?.error,
    any: (now: number, wall: number): boolean =>
      [...rejections.values()].some((rejection) => isActive(rejection, now, wall)),
    /** The cool-down after a rejection of this key, in milliseconds: it doubles with each rejection in a row. */
    cooldownOf: (name: string): number => Math.min(cooldown.initial * 2 ** times(name), cooldown.max),
    /** Remembers a rejection that this client received, for `millis` milliseconds. */
    add: (name: string, error: TokenkeepError, now: number, millis: number, shared: SharedRejection | undefined) => {
      const added = error.code === "RATE_LIMITED" ? 0 : 1
      rejections.set(name, { error, until: now + millis, times: times(name) + added, shared })
    },
    /** Remembers a rejection that another client received, however often it is read. */
    adopt: (name: string, error: TokenkeepError, now: number, millis: number, shared: SharedRejection) =>
      rejections.set(name, { error, until: now + millis, times: Math.max(times(name), shared.times), shared }),
    /** What other clients read about an active rejection. */
    toShare: (name: string, now: number, wall: number): SharedRejection | undefined => active(name, now, wall)?.shared,
    forget: (name?: string): void => (name === undefined ? rejections.clear() : rejections.delete(name))
  }
}
