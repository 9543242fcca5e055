import type { ProviderResponse, Verdict } from "@tokenkeep/core"
import { bearerChallenge } from "./challenge.ts"
import { jsonObject } from "./jsonObject.ts"

const expired = /\bexpired\b/i

/** Some APIs put what RFC 6750 puts in the header into the body. */
const saysExpired = ({ headers, text }: ProviderResponse): boolean => {
  const challenge = bearerChallenge(headers)
  if (challenge.get("error") === "invalid_token") return expired.test(challenge.get("error_description") ?? "")
  const { error, error_description: description } = jsonObject(text) ?? {}
  return error === "invalid_token" && typeof description === "string" && expired.test(description)
}

/** Scopes as a message shows them; nothing else of a response is quoted. */
const shownScope = (scope: string | undefined): string | undefined =>
  scope !== undefined && /^[\w.:/*@+ -]{1,100}$/.test(scope) ? scope : undefined

const forbidden = ({ headers }: ProviderResponse): Verdict => {
  const challenge = bearerChallenge(headers)
  if (challenge.get("error") !== "insufficient_scope") {
    return {
      _tag: "Forbidden",
      detail: "the API does not allow it with this token, or a proxy on the way refuses it",
      fix: "Check what the client may do at the API, then proxies and firewalls on the way."
    }
  }
  const scope = shownScope(challenge.get("scope"))
  return {
    _tag: "Forbidden",
    detail: scope === undefined ? "the token's scope is not sufficient" : `it needs the scope "${scope}"`,
    fix: "Add the scope to grant.scope, and allow it for the client at the issuer."
  }
}

/** What a response of the API means, by RFC 6750. */
export const classify = (response: ProviderResponse): Verdict => {
  switch (response.status) {
    case 401:
      return { _tag: saysExpired(response) ? "TokenExpired" : "TokenInvalid" }
    case 403:
      return forbidden(response)
    case 429:
      return { _tag: "RateLimited" }
    default:
      return { _tag: "Other" }
  }
}
