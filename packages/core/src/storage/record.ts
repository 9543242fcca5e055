import { AccessToken, type LifetimeSource } from "../credentials/AccessToken.ts"
import { isPlausible, type Observations } from "../lifecycle/RenewalPolicy.ts"
import type { Bucket } from "../token-request/tokenBucket.ts"

/** What the issuer rejected, which applies to all clients that share the storage. */
export interface SharedRejection {
  /** A rejected credential, or a rate limit. */
  readonly kind: "rejected" | "limited"
  /** The provider's reason for a rejected credential. */
  readonly reason?: string | undefined
  readonly status: number
  /** When it was received, and until when it is active, in epoch milliseconds. */
  readonly at: number
  readonly until: number
  /** How often in a row: the next cool-down is longer. */
  readonly times: number
  /** The name of the credential that was rejected, if the record is shared by several. */
  readonly credential?: string | undefined
}

/** Why the lease owner got no token: clients that wait for it fail the same way, at once. */
export interface SharedFailure {
  /** The fence of its lease. */
  readonly fence: number
  readonly code: "ISSUER_UNAVAILABLE" | "TOKEN_RESPONSE_INVALID"
}

/** Everything that is stored about one credential. */
export interface CredentialRecord {
  readonly token?: AccessToken | undefined
  /** What was learned about the lifetime of its tokens. */
  readonly observations: Observations
  /** What is left of the shared budget for token requests, by the wall clock. */
  readonly budget?: Bucket | undefined
  readonly rejection?: SharedRejection | undefined
  readonly failed?: SharedFailure | undefined
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (u: unknown): u is Fields => typeof u === "object" && u !== null && !Array.isArray(u)

const isNumber = (u: unknown): u is number => typeof u === "number" && Number.isFinite(u)

const sources: ReadonlyArray<unknown> = [
  "declared",
  "jwt",
  "observed",
  "assumed",
  "unknown"
] satisfies Array<LifetimeSource>

/**
 * How far ahead a stored instant may be, in milliseconds: the clocks of hosts differ a little. What is further ahead was
 * written by a wrong clock, and would count until real time catches up (TOK-9).
 */
const maxAhead = 5_000

/** A token whose lifetime begins in the future lives from now on. */
const tokenFrom = (u: unknown, now: number): AccessToken | undefined => {
  if (!isFields(u)) return undefined
  const { expiresAt, id, issuedAt, source, value } = u
  // The id is shown in events and prints.
  if (typeof id !== "string" || !/^[\w-]{1,64}$/.test(id)) return undefined
  if (typeof value !== "string" || !isNumber(issuedAt)) return undefined
  if (AccessToken.defect(value) !== undefined) return undefined
  if (expiresAt !== undefined && !(isNumber(expiresAt) && isPlausible(expiresAt - issuedAt))) return undefined
  const ahead = Math.max(0, issuedAt - now)
  return AccessToken.make(value, {
    id,
    issuedAt: issuedAt - ahead,
    expiresAt: expiresAt === undefined ? undefined : expiresAt - ahead,
    lifetimeSource: sources.includes(source) ? (source as LifetimeSource) : undefined
  })
}

const lifetimeFrom = (u: unknown): number | undefined => (isNumber(u) && isPlausible(u) ? u : undefined)

const observationsFrom = (u: unknown): Observations =>
  isFields(u) ? { last: lifetimeFrom(u["last"]), estimate: lifetimeFrom(u["estimate"]) } : {}

const bucketFrom = (u: unknown, latest: number): Bucket | undefined =>
  isFields(u) && isNumber(u["left"]) && u["left"] >= 0 && isNumber(u["at"]) && u["at"] <= latest
    ? { left: u["left"], at: u["at"] }
    : undefined

/** A reason that is no word is left out: an error would show it. */
const rejectionFrom = (u: unknown, latest: number): SharedRejection | undefined => {
  if (!isFields(u)) return undefined
  const { at, credential, kind, reason, status, times, until } = u
  if (kind !== "rejected" && kind !== "limited") return undefined
  return isNumber(at) && at <= latest && isNumber(until) && isNumber(status) && isNumber(times)
    ? {
        kind,
        status,
        at,
        until,
        times,
        ...(typeof credential === "string" ? { credential } : undefined),
        ...(typeof reason === "string" && /^[a-z_]{1,40}$/.test(reason) ? { reason } : undefined)
      }
    : undefined
}

const failureFrom = (u: unknown): SharedFailure | undefined => {
  if (!isFields(u)) return undefined
  const { code, fence } = u
  const isKnown = code === "ISSUER_UNAVAILABLE" || code === "TOKEN_RESPONSE_INVALID"
  return isKnown && isNumber(fence) ? { code, fence } : undefined
}

/** A record as a string. It holds its own name, so that a copy under another name is ignored. */
export const encodeRecord = (
  name: string,
  { budget, failed, observations, rejection, token }: CredentialRecord
): string =>
  JSON.stringify({
    name,
    token: token && {
      id: token.id,
      value: token.reveal(),
      issuedAt: token.issuedAt,
      expiresAt: token.expiresAt,
      source: token.lifetimeSource
    },
    observed: observations,
    budget,
    rejection,
    failed
  })

/**
 * Reads a record of this name; `undefined` if it is not one. A malformed part, or one of a clock that was ahead, is left
 * out.
 *
 * @param now Epoch milliseconds.
 */
export const decodeRecord = (name: string, encoded: string, now: number): CredentialRecord | undefined => {
  let fields: unknown
  try {
    fields = JSON.parse(encoded)
  } catch {
    return undefined
  }
  if (!isFields(fields) || fields["name"] !== name) return undefined
  const { budget, failed, observed, rejection, token } = fields
  const found = tokenFrom(token, now)
  // If the token is malformed, the rest is not trustworthy either.
  if (token !== undefined && found === undefined) return undefined
  return {
    token: found,
    observations: observationsFrom(observed),
    budget: bucketFrom(budget, now + maxAhead),
    rejection: rejectionFrom(rejection, now + maxAhead),
    failed: failureFrom(failed)
  }
}
