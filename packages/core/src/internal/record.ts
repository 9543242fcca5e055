import { AccessToken, type LifetimeSource } from "../AccessToken.ts"
import { isPlausible, type Observations } from "../RenewalPolicy.ts"
import type { Bucket } from "./tokenBucket.ts"

/** A refusal of the issuer that all who share the storage heed (KEY-2). */
export interface SharedRefusal {
  /** A rejected key, or a rate limit. */
  readonly kind: "rejected" | "limited"
  readonly status: number
  /** When it was told, and until when it stands, in epoch milliseconds. */
  readonly at: number
  readonly until: number
  /** How often in a row: the next one stands longer. */
  readonly times: number
}

/** Why the owner of a lease got no token: those who waited for it fail the same way, at once. */
export interface SharedFailure {
  /** The lease's fence. */
  readonly fence: number
  readonly code: "ISSUER_UNAVAILABLE" | "ISSUE_RESPONSE_INVALID"
}

/** All that is stored of one credential. */
export interface CredentialRecord {
  readonly token?: AccessToken | undefined
  /** What was learned of its tokens' lives (TOK-6). */
  readonly observations: Observations
  /** What is left of the budget for issue calls, by the wall clock (TOK-8). */
  readonly budget?: Bucket | undefined
  readonly refusal?: SharedRefusal | undefined
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

const tokenOf = (u: unknown): AccessToken | undefined => {
  if (!isFields(u)) return undefined
  const { expiresAt, id, issuedAt, source, value } = u
  if (typeof id !== "string" || typeof value !== "string" || !isNumber(issuedAt)) return undefined
  if (AccessToken.defect(value) !== undefined) return undefined
  if (expiresAt !== undefined && !(isNumber(expiresAt) && isPlausible(expiresAt - issuedAt))) return undefined
  return AccessToken.make(value, {
    id,
    issuedAt,
    expiresAt,
    lifetimeSource: sources.includes(source) ? (source as LifetimeSource) : undefined
  })
}

const lifeOf = (u: unknown): number | undefined => (isNumber(u) && isPlausible(u) ? u : undefined)

const observationsOf = (u: unknown): Observations =>
  isFields(u) ? { last: lifeOf(u["last"]), estimate: lifeOf(u["estimate"]) } : {}

const budgetOf = (u: unknown): Bucket | undefined =>
  isFields(u) && isNumber(u["left"]) && u["left"] >= 0 && isNumber(u["at"])
    ? { left: u["left"], at: u["at"] }
    : undefined

const refusalOf = (u: unknown): SharedRefusal | undefined => {
  if (!isFields(u)) return undefined
  const { at, kind, status, times, until } = u
  if (kind !== "rejected" && kind !== "limited") return undefined
  return isNumber(at) && isNumber(until) && isNumber(status) && isNumber(times)
    ? { kind, status, at, until, times }
    : undefined
}

const failureOf = (u: unknown): SharedFailure | undefined => {
  if (!isFields(u)) return undefined
  const { code, fence } = u
  const isKnown = code === "ISSUER_UNAVAILABLE" || code === "ISSUE_RESPONSE_INVALID"
  return isKnown && isNumber(fence) ? { code, fence } : undefined
}

/** A record as text. It names whose it is, so that one that was copied under another name counts for nothing (KEY-4). */
export const encodeRecord = (
  name: string,
  { budget, failed, observations, refusal, token }: CredentialRecord
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
    refusal,
    failed
  })

/** What a text says of a credential; nothing when it is not a record of it. A part that makes no sense is left out. */
export const decodeRecord = (name: string, text: string): CredentialRecord | undefined => {
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isFields(fields) || fields["name"] !== name) return undefined
  const { budget, failed, observed, refusal, token } = fields
  const found = tokenOf(token)
  // A token that makes no sense says that the rest is not to be believed either.
  if (token !== undefined && found === undefined) return undefined
  return {
    token: found,
    observations: observationsOf(observed),
    budget: budgetOf(budget),
    refusal: refusalOf(refusal),
    failed: failureOf(failed)
  }
}
