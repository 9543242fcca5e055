import type { AuthError } from "../AuthError.ts"

interface Refusal {
  readonly error: AuthError
  /** Monotonic milliseconds. */
  readonly until: number
  /** How often in a row the key was rejected: the next cooldown is longer. */
  readonly times: number
}

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
    reject: (name: string, error: AuthError, now: number, millis: number) =>
      note(name, { error, until: now + millis, times: (refusals.get(name)?.times ?? 0) + 1 }),
    limit: (name: string, error: AuthError, now: number, millis: number) =>
      note(name, { error, until: now + millis, times: refusals.get(name)?.times ?? 0 }),
    forget: (name?: string) => (name === undefined ? refusals.clear() : void refusals.delete(name))
  }
}
