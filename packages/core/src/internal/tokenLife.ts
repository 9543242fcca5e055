import type * as Clock from "effect/Clock"
import type { AccessToken } from "../AccessToken.ts"
import { windowOf, type RenewalSettings } from "../RenewalPolicy.ts"

/** At least this often both clocks are read, in milliseconds: a hit in between reads one (TOK-9). */
const glance = 1_000

/** Whether a token can be sent, and whether it is time to renew it, or to share it again, in the background. */
type Phase = "fresh" | "due" | "astray" | "over"

/** A token together with where it stands in its life. */
export interface HeldToken {
  readonly token: AccessToken
  /** Where it stands now; cheap, for the hit path. */
  readonly look: () => Phase
  /** Milliseconds since it was issued, by the clock that says more. */
  readonly age: () => number
  readonly isOver: () => boolean
  /** How long before its end it is renewed, in milliseconds. */
  readonly window: number
  /** When it is to be renewed, in epoch milliseconds; nothing while its end is not known. */
  readonly renewAt: () => number | undefined
  /** No attempt to renew it is made for this long, in milliseconds. */
  readonly leaveAlone: (millis: number) => void
  /** It could not be shared: the storage is worth another look in so many milliseconds; `Infinity` when all is well. */
  readonly strayFor: (millis: number) => void
}

/**
 * Follows a token through its life. It is over when the wall clock or the monotonic clock says so: the one stands still
 * when somebody sets it back, the other while the machine sleeps. No timer is involved.
 *
 * @param age How old the token is already, in milliseconds.
 * @param lot This process's place within the jitter, between -1 and 1.
 */
export const holdToken = (
  token: AccessToken,
  age: number,
  clock: Clock.Clock,
  settings: RenewalSettings,
  lot: number
): HeldToken => {
  const life = token.expiresAt === undefined ? undefined : token.expiresAt - token.issuedAt
  const window = life === undefined ? 0 : windowOf(life, settings, lot)
  const mono = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  const started = mono() - age
  let attemptFrom = -Infinity
  let astrayFrom = Infinity
  // Between these two instants of the wall clock, the token is fresh without another look.
  let trustedFrom = Infinity
  let trustedUntil = -Infinity

  const ageAt = (wall: number, monotonic: number): number => Math.max(wall - token.issuedAt, monotonic - started)

  const lookClosely = (known: number, wall: number): Phase => {
    const monotonic = mono()
    const old = ageAt(wall, monotonic)
    if (old >= known) return "over"
    const renewIn = Math.max(known - window - old, attemptFrom - monotonic)
    if (renewIn <= 0) return "due"
    const strayIn = astrayFrom - monotonic
    if (strayIn <= 0) return "astray"
    trustedFrom = wall
    trustedUntil = wall + Math.min(glance, renewIn, strayIn, known - old)
    return "fresh"
  }

  const currentAge = () => ageAt(clock.currentTimeMillisUnsafe(), mono())

  return {
    token,
    window,
    renewAt: () => {
      if (life === undefined) return undefined
      const due = Math.round(token.issuedAt + life - window)
      // After a failure, not before its back-off is over.
      const left = Number.isFinite(attemptFrom) ? attemptFrom - mono() : 0
      return left > 0 ? Math.max(due, Math.round(clock.currentTimeMillisUnsafe() + left)) : due
    },
    age: currentAge,
    isOver: () => life !== undefined && currentAge() >= life,
    look: () => {
      if (life === undefined && astrayFrom === Infinity) return "fresh"
      const wall = clock.currentTimeMillisUnsafe()
      return wall >= trustedFrom && wall < trustedUntil ? "fresh" : lookClosely(life ?? Infinity, wall)
    },
    leaveAlone: (millis) => {
      attemptFrom = mono() + millis
      trustedUntil = -Infinity
    },
    strayFor: (millis) => {
      astrayFrom = mono() + millis
      trustedUntil = -Infinity
    }
  }
}
