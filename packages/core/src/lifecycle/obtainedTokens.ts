import type { AccessToken } from "../credentials/AccessToken.ts"
import type { Clocks } from "../runtime/clocks.ts"
import type { Obtained } from "./renewal.ts"
import { type RenewalSettings, windowOf } from "./RenewalPolicy.ts"
import { type CurrentToken, isRetired, phaseOf, type State } from "./tokenState.ts"

/**
 * Tokens that were requested or stored, as the current one.
 *
 * @param jitter This client's offset, from -1 to 1.
 */
export const obtainedTokens = ({ mono, wall }: Clocks, policy: RenewalSettings, jitter: number) => {
  const currentFrom = ({ age, knownFor, token }: Obtained): CurrentToken => ({
    token,
    requestedAt: mono() - age,
    knownSince: mono() - knownFor,
    window: token.expiresAt === undefined ? 0 : windowOf(token.expiresAt - token.issuedAt, policy, jitter),
    renewFrom: -Infinity,
    probeFrom: Infinity
  })

  /** Whether a stored token is useful: not retired, and good for longer than the one to be renewed. */
  const isUseful = (token: AccessToken, state: State, longest: number): boolean => {
    const { current, without } = state
    if (isRetired(state, token) || token.id === current?.token.id) return false
    const age = wall() - token.issuedAt
    // Replays are few (REQ-1): none is spent on a token of unknown lifetime that is as old as others were when they expired.
    const isRisky = token.expiresAt === undefined && age >= longest - windowOf(longest, policy, jitter)
    if (isRisky && current === undefined && without === "rejected") return false
    const phase = phaseOf(currentFrom({ token, age, knownFor: age }), { wall: wall(), mono: mono() })
    return current === undefined ? phase !== "expired" : typeof phase === "number"
  }

  return { currentFrom, isUseful }
}
