import type { LyingToken } from "./Lying.ts"
import { backOffRange, isLife, windowRange } from "./Rules.ts"
import type { WorldClock } from "./WorldClock.ts"

/** A token that the model knows of. */
export interface Known {
  readonly text: string
  readonly key: string
  /** Its public id, once it is told. */
  id: string | undefined
  /** When its issue call was sent, by either clock. */
  readonly sentWall: number
  readonly sentMono: number
  /** How long it lives; nothing where it does not end by itself. */
  life: number | undefined
  rejected: boolean
  /** It was found to be over, or replaced: it may not come back (a clock that was wrong is no reason). */
  dropped: boolean
}

export type Verdict = "no" | "may" | "must"

/** What a hit has to do: return the token, and begin to renew it, or to share it again. */
export interface Expected {
  readonly token: Verdict
  readonly window: Verdict
  readonly rejoin: Verdict
}

const miss: Expected = { token: "no", window: "no", rejoin: "no" }

export const between = (value: number, [least, most]: readonly [number, number]): Verdict =>
  value < least ? "no" : value < most ? "may" : "must"

/** The token in hand, by both clocks (TOK-9), and the time to renew it (TOK-5). */
export const holding = (clock: WorldClock) => {
  let current: Known | undefined
  /** The wall clock when it was last seen to be good. */
  let seenGood = -Infinity
  let quiet: readonly [number, number] = [-Infinity, -Infinity]
  /** All that were it since everything was at rest. */
  const lately = new Set<Known>()
  /** When it became another, or the wall clock was set, in monotonic milliseconds. */
  let changedAt = -Infinity

  const age = (token: Known) => Math.max(clock.wall - token.sentWall, clock.mono - token.sentMono)

  const isOver = (token: Known) => token.life !== undefined && age(token) >= token.life

  /** Within a second of the wall clock, one look is enough: a hit reads one clock, the other at least once a second. */
  const isTrusted = () => Math.abs(clock.wall - seenGood) < 1_000

  const isDue = (token: Known): Verdict => {
    if (token.life === undefined) return "no"
    const [shortest, longest] = windowRange(token.life)
    const verdict = between(age(token), [token.life - longest, token.life - shortest])
    const rested = between(clock.mono, quiet)
    if (verdict === "no" || rested === "no") return "no"
    return verdict === "must" && rested === "must" && !isTrusted() ? "must" : "may"
  }

  /** @param stray Whether it is time to share it again. */
  const expected = (stray: Verdict): Expected => {
    if (current === undefined) return miss
    const rejoin = stray === "must" && isTrusted() ? "may" : stray
    if (!isOver(current)) return { token: "must", window: isDue(current), rejoin }
    const overByWall = current.life !== undefined && clock.wall - current.sentWall >= current.life
    return !overByWall && isTrusted() ? { ...miss, token: "may" } : miss
  }

  /** Whether a token that lies in the storage is taken in place of the one in hand. */
  const isUseful = (token: Known, stored: LyingToken): Verdict => {
    if (token.rejected || token.dropped || token === current || isOver(token)) return "no"
    const isDoubtful = stored.issuedAt > clock.wall
    if (current === undefined || token.life === undefined) return isDoubtful ? "may" : "must"
    const [shortest, longest] = windowRange(token.life)
    const due = between(age(token), [token.life - longest, token.life - shortest])
    return due === "must" ? "no" : due === "no" && !isDoubtful ? "must" : "may"
  }

  return {
    current: () => current,
    good: () => (current === undefined || isOver(current) ? undefined : current),
    wasCurrent: (token: Known) => token === current || lately.has(token),
    rests: () => lately.clear(),
    changedAt: () => changedAt,
    wallJumps: () => {
      changedAt = clock.mono
    },
    age,
    isOver,
    expected,
    isUseful,
    hold: (token: Known | undefined) => {
      if (current !== undefined) current.dropped = true
      current = token
      if (token !== undefined) lately.add(token)
      changedAt = clock.mono
      seenGood = -Infinity
      quiet = [-Infinity, -Infinity]
    },
    /** A hit returned it. */
    returned: () => {
      if (current !== undefined && !isOver(current)) seenGood = clock.wall
    },
    /** A hit found that it is over. */
    drop: () => {
      if (current !== undefined) current.dropped = true
      current = undefined
      changedAt = clock.mono
    },
    /** @param isSure Whether it is known that there was an attempt. */
    leaveAlone: (failures: { readonly least: number; readonly most: number }, isSure: boolean) => {
      if (current?.life === undefined) return
      const [least, most] = backOffRange(failures, current.life)
      quiet = [isSure ? clock.mono + least : quiet[0], clock.mono + most]
    }
  }
}

/** A token of the storage as the model knows it; an impossible life makes it none. */
export const knownFrom = (stored: LyingToken, key: string, clock: WorldClock): Known | undefined => {
  const life = stored.expiresAt === undefined ? undefined : stored.expiresAt - stored.issuedAt
  if (life !== undefined && !isLife(life)) return undefined
  return {
    text: stored.value,
    key,
    id: stored.id,
    sentWall: stored.issuedAt,
    // What claims to come from the future is new at the most.
    sentMono: clock.mono - Math.max(0, clock.wall - stored.issuedAt),
    life,
    rejected: false,
    dropped: false
  }
}
