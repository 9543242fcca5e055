import type { AuthError } from "../AuthError.ts"
import type { SharedRefusal } from "./record.ts"

interface Refusal {
  readonly error: AuthError
  /** Monotonic milliseconds. */
  readonly until: number
  /** How often in a row the key was rejected: the next cooldown is longer. */
  readonly times: number
  /** As all who share the storage should know it; nothing when it may be a portal's or a firewall's (KEY-2). */
  readonly shared: SharedRefusal | undefined
}

const isKeyRejected = (error: AuthError) => error.reason._tag === "ApiKeyRejected"

/** How many credentials are remembered: keys may rotate for years. */
const capacity = 64

/**
 * The issuer's refusals that still stand, by credential (KEY-2): a rejected key, or a 429 until it is over. Time is the
 * monotonic clock's, in milliseconds; it stands still while a machine sleeps, so the wall clock may end one as well.
 */
export const standingRefusals = (cooldown: { readonly initial: number; readonly max: number }) => {
  const refusals = new Map<string, Refusal>()

  const stands = ({ error, until }: Refusal, now: number, wall: number): boolean =>
    now < until && wall < (error.retryAt ?? Infinity)

  const note = (name: string, refusal: Refusal) => {
    refusals.delete(name)
    refusals.set(name, refusal)
    const [oldest] = refusals.keys()
    if (refusals.size > capacity && oldest !== undefined) refusals.delete(oldest)
  }

  return {
    /** What to fail with at once, while it stands. */
    standing: (name: string, now: number, wall: number): AuthError | undefined => {
      const refusal = refusals.get(name)
      return refusal !== undefined && stands(refusal, now, wall) ? refusal.error : undefined
    },
    any: (now: number, wall: number): boolean => [...refusals.values()].some((refusal) => stands(refusal, now, wall)),
    /** How long a rejection of this key stands, in milliseconds: doubling while it goes on. */
    cooldownOf: (name: string): number =>
      Math.min(cooldown.initial * 2 ** (refusals.get(name)?.times ?? 0), cooldown.max),
    /** Remembers a refusal for so many milliseconds. */
    note: (name: string, error: AuthError, now: number, millis: number, shared: SharedRefusal | undefined) =>
      note(name, {
        error,
        until: now + millis,
        times: (refusals.get(name)?.times ?? 0) + (isKeyRejected(error) ? 1 : 0),
        shared
      }),
    /** The same for one that somebody else was given, however often it is read. */
    heed: (name: string, error: AuthError, now: number, millis: number, shared: SharedRefusal) =>
      note(name, { error, until: now + millis, times: Math.max(refusals.get(name)?.times ?? 0, shared.times), shared }),
    /** How often in a row the key was rejected. */
    times: (name: string): number => refusals.get(name)?.times ?? 0,
    /** What to tell all of a refusal that still stands. */
    shared: (name: string, now: number, wall: number): SharedRefusal | undefined => {
      const refusal = refusals.get(name)
      return refusal !== undefined && stands(refusal, now, wall) ? refusal.shared : undefined
    },
    forget: (name?: string) => (name === undefined ? refusals.clear() : void refusals.delete(name))
  }
}
