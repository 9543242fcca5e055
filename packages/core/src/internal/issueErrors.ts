import type { ApiKey } from "../ApiKey.ts"
import { AuthError, type AuthErrorReason } from "../AuthError.ts"
import type { RateLimitAnswer } from "../Provider.ts"
import type { SharedFailure, SharedRefusal } from "./record.ts"
import { retryAtOf } from "./retryAfter.ts"
import { strippedCause } from "./strippedCause.ts"

/** The last instant that can be written. */
const lastInstant = 8.64e15

/** An instant as a person reads it. */
export const instant = (at: number): string => new Date(Math.min(at, lastInstant)).toISOString()

export const unavailable = (what: string, cause?: unknown) =>
  AuthError.of(
    { _tag: "IssuerUnavailable" },
    { what, fix: "Try again later; nothing is wrong with the API key.", cause }
  )

/** A request that the transport rejected with this error. */
export const unreachable = (url: URL, method: string, error: unknown) => {
  const cause = strippedCause(error, { method, url: url.href })
  // What Deno calls it when it was not given a permission.
  if (cause.name !== "NotCapable") return unavailable(`The issuer at ${url.origin} could not be reached.`, cause)
  return AuthError.of(
    { _tag: "IssuerUnavailable" },
    {
      what: `This process may not talk to the issuer at ${url.origin}.`,
      fix: `Run deno with --allow-net=${url.host}.`,
      cause
    }
  )
}

export const responseInvalid = (detail: string) =>
  AuthError.of(
    { _tag: "IssueResponseInvalid" },
    {
      what: `The issue endpoint answered something else than documented: ${detail}.`,
      fix: "Check the host (a proxy or captive portal may answer in its place), else report it to the provider."
    }
  )

export const providerThrew = (what: "issueRequest" | "readToken") =>
  AuthError.of(
    { _tag: "IssueResponseInvalid" },
    {
      what: `The provider's ${what} threw, so no token could be had.`,
      fix: "Correct the provider: it is a pure function."
    }
  )

type RateLimited = Extract<AuthErrorReason, { readonly _tag: "RateLimited" }>

export const limitUsedUp = (reason: RateLimited) =>
  AuthError.of(reason, {
    what: `The rate limit of ${reason.endpoint} is used up.`,
    fix: `Wait until ${instant(reason.retryAt)}, and make fewer calls.`
  })

/** A failure that those who waited for it are told, where it says something about the issuer. */
export const toldFailure = ({ code }: AuthError, fence: number): SharedFailure | undefined =>
  code === "ISSUER_UNAVAILABLE" || code === "ISSUE_RESPONSE_INVALID" ? { code, fence } : undefined

/** The failure of whoever asked the issuer for all. */
export const sharedFailure = (code: SharedFailure["code"]) =>
  code === "ISSUER_UNAVAILABLE"
    ? unavailable("The issuer could not be reached by the client that asked it for all.")
    : responseInvalid("so it was told by the client that asked for all")

/** A refusal that somebody else was given. */
export const sharedRefusal = (key: ApiKey, { kind, status, until }: SharedRefusal) =>
  kind === "rejected"
    ? keyRejected(key, status, until, true)
    : limitUsedUp({ _tag: "RateLimited", retryAt: until, endpoint: issueEndpoint })

/** What a 429 is to the caller, wherever it came from. */
export const rateLimited = (endpoint: string, now: number, headers: Headers, answer: RateLimitAnswer) => {
  const { limit, remaining } = answer
  const retryAt = retryAtOf(now, headers, answer.resetAt)
  return limitUsedUp({ _tag: "RateLimited", retryAt, limit, remaining, endpoint })
}

/** What the issue endpoint is called in errors, which tells its limits from those of the endpoint that was called. */
export const issueEndpoint = "the issue endpoint"

export const budgetExceeded = (retryAt: number) =>
  AuthError.of(
    { _tag: "IssueBudgetExceeded", retryAt },
    {
      what: "So many access tokens were asked for that something must be looping.",
      fix: `Wait until ${instant(retryAt)}, and look for what refuses every new token.`
    }
  )

export const keyRejected = (key: ApiKey, status: number, retryAt: number, documented: boolean) =>
  AuthError.of(
    { _tag: "ApiKeyRejected", retryAt },
    documented
      ? {
          what: `The issuer refused the API key (${key.name}) with status ${status}: it is unknown, revoked or expired.`,
          fix: "Replace the API key; trying again with this one cannot help."
        }
      : {
          what: `The API key (${key.name}) was refused with status ${status}, in words that are not the issuer's own.`,
          fix: "Look for a firewall or a portal that answers in its place, else replace the API key."
        }
  )

const originOf = (location: string | null, base: URL): string =>
  location !== null && URL.canParse(location, base) ? new URL(location, base).origin : "unknown"

export const redirected = (from: URL, location: string | null) =>
  AuthError.of(
    { _tag: "RedirectRefused", from: from.origin, to: originOf(location, from) },
    {
      what: "The issue endpoint answered with a redirect, which would send the API key elsewhere.",
      fix: "Set the host to where the API really is."
    }
  )
