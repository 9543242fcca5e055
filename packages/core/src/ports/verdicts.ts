import type { TokenVerdict, Verdict } from "./Provider.ts"

// A provider without types may return anything.

const hasTag =
  (tags: ReadonlyArray<unknown>) =>
  (returned: unknown): boolean =>
    typeof returned === "object" && returned !== null && "_tag" in returned && tags.includes(returned._tag)

const tokenVerdicts: ReadonlyArray<TokenVerdict["_tag"]> = [
  "Issued",
  "GrantRejected",
  "KeyRejected",
  "RateLimited",
  "Unavailable",
  "Invalid"
]

const verdicts: ReadonlyArray<Verdict["_tag"]> = [
  "TokenExpired",
  "TokenInvalid",
  "TokenMissing",
  "Forbidden",
  "RateLimited",
  "Other"
]

/** Whether a provider's `requestToken` returned a verdict. */
export const isTokenVerdict = hasTag(tokenVerdicts)

/** Whether a provider's `classify` returned a verdict. */
export const isVerdict = hasTag(verdicts)
