import { causeSummary, connectionFailed } from "../errors/causeSummary.ts"
import { rateLimitExceeded, instant } from "../errors/rateLimitError.ts"
import { TokenkeepError } from "../errors/TokenkeepError.ts"
import type { CredentialRejection } from "../ports/Provider.ts"
import type { SharedFailure } from "../storage/record.ts"

/** The token endpoint's name in errors, which distinguishes its limits from those of an API endpoint. */
export const tokenEndpoint = "the token endpoint"

export const unavailable = (
  what: string,
  fix = "Try again later. The credential is not the problem.",
  cause?: unknown
) => TokenkeepError.of({ _tag: "IssuerUnavailable" }, { what, fix, cause })

/** The transport rejected a token request with this error. */
export const unreachable = (url: URL, method: string, error: unknown) => {
  const summary = causeSummary(error, { method, url: url.href })
  const { cause, fix, what } = connectionFailed(`Could not reach the token endpoint ${summary.url}`, summary)
  return unavailable(what, fix, cause)
}

/** Adds the number of tries to `ISSUER_UNAVAILABLE`, if there was more than one. */
export const afterTries = <E extends { readonly _tag: string }>(error: E | TokenkeepError, tries: number) => {
  if (tries < 2 || !(error instanceof TokenkeepError) || error.code !== "ISSUER_UNAVAILABLE") return error
  const { cause, fix, message, reason, retryable } = error
  const what = `${message.slice(0, message.length - fix.length)}There were ${tries} tries.`
  return TokenkeepError.of(reason, { what, fix, cause, retryable })
}

export const responseInvalid = (
  detail: string,
  fix = "Check the host: a proxy or captive portal may respond in its place. Otherwise report it to the provider."
) =>
  TokenkeepError.of(
    { _tag: "TokenResponseInvalid" },
    { what: `The token endpoint returned no valid token: ${detail}.`, fix }
  )

/** A bug of the provider: it threw an error or returned no verdict, for example. */
export const providerFailed = (how: string) =>
  TokenkeepError.of(
    { _tag: "TokenResponseInvalid" },
    {
      what: `The provider's requestToken ${how}, so there is no token.`,
      fix: "Fix the provider: it returns a verdict for every response."
    }
  )

/** A failure that every client waiting for this renewal shares, if it says something about the issuer. */
export const failureToShare = ({ code }: TokenkeepError, fence: number): SharedFailure | undefined =>
  code === "ISSUER_UNAVAILABLE" || code === "TOKEN_RESPONSE_INVALID" ? { code, fence } : undefined

/** The failure that another client reported: it sent the token request while this one waited for its lease. */
export const sharedFailure = (code: SharedFailure["code"]) =>
  code === "ISSUER_UNAVAILABLE"
    ? unavailable("Another client renews the shared token, and could not reach the token endpoint.")
    : responseInvalid("another client, which renews the shared token, reported it")

/** A rate limit that another client received. */
export const sharedLimit = (retryAt: number) =>
  rateLimitExceeded({ _tag: "RateLimited", retryAt, endpoint: tokenEndpoint })

export const tokenRequestLimited = (retryAt: number) =>
  TokenkeepError.of(
    { _tag: "TokenRequestLimited", retryAt },
    {
      what: "This client has sent too many token requests, as if every new token were rejected.",
      fix: `Wait until ${instant(retryAt)}, and find out why new tokens are rejected. The option budget sets the limit.`
    }
  )

export const keyRejected = ({ documented, key, retryAt, status }: CredentialRejection) =>
  TokenkeepError.of(
    { _tag: "ApiKeyRejected", retryAt },
    documented
      ? {
          what: `The token endpoint rejected the API key (${key}) with status ${status}: it is unknown, revoked or expired.`,
          fix: `Replace the API key. This one is not sent again until ${instant(retryAt)}.`
        }
      : {
          what: `The API key (${key}) was rejected with status ${status}, but not with the token endpoint's documented response.`,
          fix: `Check for a firewall or captive portal that responds in its place; otherwise replace the API key. This key is not sent again until ${instant(retryAt)}.`
        }
  )

export const redirected = (from: URL, to: string) =>
  TokenkeepError.of(
    { _tag: "RedirectRefused", from: from.origin, to },
    {
      what: `The token endpoint ${from.origin}${from.pathname} responded with a redirect, which would send the credential elsewhere.`,
      fix: "Set the host to the API's final address."
    }
  )
