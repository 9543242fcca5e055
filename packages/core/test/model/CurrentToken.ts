import type { TokenFields } from "./RecordFields.ts"
import { backOffRange, isLifetime, windowRange } from "./Rules.ts"
import type { WorldClock } from "./WorldClock.ts"

/** A token that the model knows of. */
export interface KnownToken {
  readonly text: string
  readonly key: string
  /** Its public id, once it is known. */
  id: string | undefined
  /** When its token request was sent, by either clock. */
  sentWall: number
  readonly sentMono: number
  /** Its lifetime; `undefined` if it never expires by itself. */
  lifetime: number | undefined
  rejected: boolean
  /** It expired or was replaced: it may not be used again, even if a clock was wrong. */
  retired: boolean
}

export type Verdict = "no" | "may" | "must"

/** What a request must do: return the token, start a renewal, or start a probe of the storage. */
export interface Expected {
  readonly token: Verdict
  readonly window: Verdict
  readonly probe: Verdict
}

const notCached: Expected = { token: "no", window: "no", probe: "no" }

export const between = (value: number, [least, most]: readonly [number, number]): Verdict =>
  value < least ? "no" : value < most ? "may" : "must"

/** The current token, by both clocks (TOK-9), and the time to renew it (TOK-5). */
export const currentTokenRules = (clock: WorldClock) => {
  let current: KnownToken | undefined
  /** The wall clock when it was last seen to be good. */
  let usedAt = -Infinity
  let renewFrom: readonly [number, number] = [-Infinity, -Infinity]
  /** All tokens that were current since everything was last at rest. */
  const recent = new Set<KnownToken>()
  /** When the current token changed or the wall clock was set, in monotonic milliseconds. */
  let changedAt = -Infinity

  const age = (token: KnownToken) => Math.max(clock.wall - token.sentWall, clock.mono - token.sentMono)

  const isExpired = (token: KnownToken) => token.lifetime !== undefined && age(token) >= token.lifetime

  /** Both clocks are read once per second of the wall clock; requests in between may read one. */
  const isTrusted = () => Math.abs(clock.wall - usedAt) < 1_000

  const isDue = (token: KnownToken): Verdict => {
    if (token.lifetime === undefined) return "no"
    const [shortest, longest] = windowRange(token.lifetime)
    const verdict = between(age(token), [token.lifetime - longest, token.lifetime - shortest])
    const rested = between(clock.mono, renewFrom)
    if (verdict === "no" || rested === "no") return "no"
    return verdict === "must" && rested === "must" && !isTrusted() ? "must" : "may"
  }

  /** @param probe Whether it is time to check the storage: a renewal that is due comes first. */
  const expected = (probe: Verdict): Expected => {
    if (current === undefined) return notCached
    if (!isExpired(current)) {
      const window = isDue(current)
      const isSure = window === "no" && !isTrusted()
      return { token: "must", window, probe: window === "must" ? "no" : probe === "must" && !isSure ? "may" : probe }
    }
    const expiredByWall = current.lifetime !== undefined && clock.wall - current.sentWall >= current.lifetime
    return !expiredByWall && isTrusted() ? { ...notCached, token: "may" } : notCached
  }

  /** Whether a stored token is adopted in place of the current one. */
  const isUseful = (token: KnownToken, stored: TokenFields): Verdict => {
    if (token.rejected || token.retired || token === current || isExpired(token)) return "no"
    const isDoubtful = stored.issuedAt > clock.wall
    if (current === undefined || token.lifetime === undefined) return isDoubtful ? "may" : "must"
    const [shortest, longest] = windowRange(token.lifetime)
    const due = between(age(token), [token.lifetime - longest, token.lifetime - shortest])
    return due === "must" ? "no" : due === "no" && !isDoubtful ? "must" : "may"
  }

  return {
    current: () => current,
    good: () => (current === undefined || isExpired(current) ? undefined : current),
    wasCurrent: (token: KnownToken) => token === current || recent.has(token),
    settles: () => recent.clear(),
    changedAt: () => changedAt,
    wallJumps: () => {
      changedAt = clock.mono
    },
    age,
    isExpired,
    expected,
    isUseful,
    setCurrent: (token: KnownToken | undefined) => {
      if (current !== undefined) current.retired = true
      current = token
      if (token !== undefined) recent.add(token)
      changedAt = clock.mono
      usedAt = -Infinity
      renewFrom = [-Infinity, -Infinity]
    },
    /** A request returned it. */
    returned: () => {
      if (current !== undefined && !isExpired(current)) usedAt = clock.wall
    },
    /** A request found that it has expired. */
    expire: () => {
      if (current !== undefined) current.retired = true
      current = undefined
      changedAt = clock.mono
    },
    /** @param failures How many renewals in a row failed. */
    backOff: (failures: number) => {
      if (current?.lifetime === undefined) return
      const [least, most] = backOffRange(failures, current.lifetime)
      renewFrom = [clock.mono + least, clock.mono + most]
    }
  }
}

/** TOK-9: when a stored token's life begins, by the wall clock: now, if the clock that issued it was ahead. */
export const startOf = ({ issuedAt }: TokenFields, clock: WorldClock): number => Math.min(issuedAt, clock.wall)

/** A stored token as the model knows it; `undefined` if its lifetime is implausible. */
export const tokenFrom = (stored: TokenFields, key: string, clock: WorldClock): KnownToken | undefined => {
  const lifetime = stored.expiresAt === undefined ? undefined : stored.expiresAt - stored.issuedAt
  if (lifetime !== undefined && !isLifetime(lifetime)) return undefined
  return {
    text: stored.value,
    key,
    id: stored.id,
    sentWall: startOf(stored, clock),
    // A token from the future counts as new.
    sentMono: clock.mono - Math.max(0, clock.wall - stored.issuedAt),
    lifetime,
    rejected: false,
    retired: false
  }
}
