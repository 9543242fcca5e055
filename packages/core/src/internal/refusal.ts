import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { AuthError } from "../AuthError.ts"
import type { Answer, Provider, Verdict } from "../Provider.ts"
import { readGlance } from "./boundedText.ts"
import { rateLimited } from "./issueErrors.ts"

/** What a refusal's body is read for fits into this many bytes and milliseconds; a body may never end. */
const maxBytes = 64 * 1024
const maxMillis = 1_000

/** Whether a status can be about authorization at all. */
export const isRefusal = (status: number): boolean => status === 401 || status === 403 || status === 429

interface Refused {
  readonly status: number
  readonly headers: Headers
  readonly body: ReadableStream<Uint8Array> | null
}

const classified = (provider: Provider["Service"], answer: Answer): Verdict | { readonly _tag: "Threw" } => {
  try {
    return provider.classify(answer)
  } catch {
    // What it threw may quote the answer.
    return { _tag: "Threw" }
  }
}

/** What the provider makes of a refusal; reads the body it is given, within bounds, and gives up the rest. */
export const verdictOf = Effect.fnUntraced(function* (
  provider: Provider["Service"],
  { body, headers, status }: Refused,
  millis: number = maxMillis
) {
  return classified(provider, { status, headers, text: yield* readGlance(body, maxBytes, millis), sentToken: true })
})

/**
 * What a refused response means, as the error to give to a person; nothing when it is not about authorization.
 * Reads the body it is given, within bounds.
 */
export const refusalOf = Effect.fnUntraced(function* (
  provider: Provider["Service"],
  response: Refused,
  endpoint: string
): Effect.fn.Return<AuthError | undefined> {
  if (!isRefusal(response.status)) return undefined
  const verdict = yield* verdictOf(provider, response)
  switch (verdict._tag) {
    case "TokenExpired":
      return AuthError.of(
        { _tag: "TokenExpired" },
        {
          what: "The server says that the access token is expired, although it was renewed where it could be.",
          fix: "Try again; if it goes on, tokens live shorter than a request takes, or the server's clock is wrong."
        }
      )
    case "TokenInvalid":
      return AuthError.of(
        { _tag: "TokenInvalid" },
        {
          what: "The server says that the access token is invalid, although it was renewed where it could be.",
          fix: "Check that the API key belongs to this host; a token of another environment is not valid here."
        }
      )
    case "TokenMissing":
      return AuthError.of(
        { _tag: "TokenMissing" },
        {
          what: "The server says that it got no access token, although one was sent.",
          fix: "Look for a proxy that drops the Authorization header, then at what the token may do."
        }
      )
    case "Forbidden":
      return AuthError.of(
        { _tag: "Forbidden" },
        {
          what: "Something refused the request with 403, and it was not the API.",
          fix: "Look at proxies and firewalls on the way to the host."
        }
      )
    case "RateLimited":
      return rateLimited(endpoint, yield* Clock.currentTimeMillis, response.headers, verdict)
    case "Threw":
      return AuthError.of(
        { _tag: "ConfigInvalid", option: "provider" },
        {
          what: "The provider's classify threw, so it is not known what the refusal means.",
          fix: "Correct the provider: it is a pure function of the answer."
        }
      )
    case "Other":
      return undefined
  }
})

/** Explains a response that a caller got: reads a clone, so that the body stays readable. */
export const explainFor =
  (provider: Provider["Service"]) =>
  (response: Response): Effect.Effect<AuthError | undefined> => {
    const { bodyUsed, headers, status, url } = response
    // A body that somebody reads already cannot be cloned: the status alone has to do.
    const unreadable = bodyUsed || response.body?.locked === true || !isRefusal(status)
    const body = unreadable ? null : response.clone().body
    return refusalOf(provider, { status, headers, body }, url === "" ? "the endpoint" : new URL(url).pathname)
  }
