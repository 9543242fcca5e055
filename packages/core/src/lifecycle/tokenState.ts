import type { AccessToken } from "../credentials/AccessToken.ts"
import type { RenewalReason } from "../telemetry/TokenEvent.ts"

// The life of one client's access token as values and pure transitions: no clock, no I/O, no effects. `TokenManager`
// runs it. Times are monotonic milliseconds unless they say otherwise.

/** Both clocks at one moment, in milliseconds. */
export interface Now {
  readonly wall: number
  readonly mono: number
}

/** The token in use. */
export interface CurrentToken {
  readonly token: AccessToken
  /** When its token request was sent. */
  readonly requestedAt: number
  /** A time at which the issuer had certainly created it. Other servers may accept it only later. */
  readonly knownSince: number
  /** How long before its end it is renewed, in milliseconds. */
  readonly window: number
  /** No background renewal begins before this. */
  readonly renewFrom: number
  /** The storage failed: from then on it is checked again. `Infinity` while it works. */
  readonly probeFrom: number
}

export interface State {
  readonly current: CurrentToken | undefined
  /** Why there is no current token. */
  readonly without: "first" | "expired" | "rejected"
  readonly isRenewing: boolean
  /** Ids of tokens that must not be used again, even if a slow storage returns one; the oldest first. */
  readonly retired: ReadonlyArray<string>
  /** How many renewals failed in a row. */
  readonly failures: number
}

export const initial: State = { current: undefined, without: "first", isRenewing: false, retired: [], failures: 0 }

/** How many retired ids are kept: a slow storage returns one of the last few at most. */
const retiredCapacity = 64

const lifetimeOf = ({ expiresAt, issuedAt }: AccessToken): number => (expiresAt ?? Infinity) - issuedAt

/** Milliseconds since the token request, by the clock that shows more: one may be set back, the other may sleep. */
export const ageOf = ({ requestedAt, token }: CurrentToken, now: Now): number =>
  Math.max(now.wall - token.issuedAt, now.mono - requestedAt)

export const isOver = (current: CurrentToken, now: Now): boolean => ageOf(current, now) >= lifetimeOf(current.token)

/** What has to be done for the token now, or for how many milliseconds there is nothing to do. */
export const phaseOf = (current: CurrentToken, now: Now): "renew" | "probe" | "expired" | number => {
  const left = lifetimeOf(current.token) - ageOf(current, now)
  if (left <= 0) return "expired"
  const renewIn = Math.max(left - current.window, current.renewFrom - now.mono)
  if (renewIn <= 0) return "renew"
  const probeIn = current.probeFrom - now.mono
  return probeIn <= 0 ? "probe" : Math.min(left, renewIn, probeIn)
}

/** When the token is renewed in the background, in epoch milliseconds; `undefined` while its lifetime is unknown. */
export const renewalAt = ({ renewFrom, token, window }: CurrentToken, now: Now): number | undefined => {
  if (token.expiresAt === undefined) return undefined
  const due = Math.round(token.expiresAt - window)
  const backOff = Number.isFinite(renewFrom) ? renewFrom - now.mono : 0
  return backOff > 0 ? Math.max(due, Math.round(now.wall + backOff)) : due
}

export const isRetired = ({ retired }: State, { id }: AccessToken): boolean => retired.includes(id)

const withoutCurrent = (state: State, without: State["without"]): State => {
  if (state.current === undefined) return state
  const retired = [...state.retired, state.current.token.id].slice(-retiredCapacity)
  return { ...state, current: undefined, without, retired }
}

export const expired = (state: State): State => withoutCurrent(state, "expired")

export const rejected = (state: State): State => withoutCurrent(state, "rejected")

export const obtained = (state: State, current: CurrentToken): State => ({
  ...withoutCurrent(state, "expired"),
  current
})

const updateCurrent = (state: State, change: Partial<CurrentToken>): State =>
  state.current === undefined ? state : { ...state, current: { ...state.current, ...change } }

/** A renewal begins. In the background there is no second one unless it fails. */
export const begun = (state: State, reason: RenewalReason): State => ({
  ...(reason === "window" ? updateCurrent(state, { renewFrom: Infinity }) : state),
  isRenewing: true
})

export const failed = (
  state: State,
  reason: RenewalReason,
  retryAt: (failures: number, window: number) => number
): State => {
  const failures = state.failures + 1
  const counted = { ...state, failures }
  if (reason !== "window" || state.current === undefined) return counted
  return updateCurrent(counted, { renewFrom: retryAt(failures, state.current.window) })
}

/** A renewal ended, including what it had to save. */
export const finished = (state: State, succeeded: boolean, probeFrom: number): State => ({
  ...probing(state, probeFrom),
  isRenewing: false,
  failures: succeeded ? 0 : state.failures
})

/** The storage is checked from this moment on; `Infinity` for never. */
export const probing = (state: State, probeFrom: number): State => updateCurrent(state, { probeFrom })
