import * as Effect from "effect/Effect"
import { rateLimitedBy } from "../errors/rateLimitError.ts"
import type { ReasonOf } from "../errors/errorCodes.ts"
import { TokenkeepError } from "../errors/TokenkeepError.ts"
import type { Provider, ProviderResponse, Verdict } from "../ports/Provider.ts"
import { isVerdict } from "../ports/verdicts.ts"
import { clocks } from "../runtime/clocks.ts"
import { readWithin } from "./boundedBody.ts"
import { wasSentWithToken } from "./withoutToken.ts"

/** The body of an error response is read within these bytes and milliseconds; it may never end. */
const maxBytes = 64 * 1024
const maxMillis = 1_000

/** Whether a status can be about authorization. */
export const isAuthorizationStatus = (status: number): boolean => status === 401 || status === 403 || status === 429

interface ErrorResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: ReadableStream<Uint8Array> | null
}

const classified = (
  provider: Provider["Service"],
  response: ProviderResponse
): Verdict | { readonly _tag: "Unclassified" } => {
  try {
    const verdict = provider.classify(response)
    return isVerdict(verdict) ? verdict : { _tag: "Unclassified" }
  } catch {
    // Its error may quote the response.
    return { _tag: "Unclassified" }
  }
}

/** What the provider reads from a response; reads the given body within bounds and cancels the rest. */
export const verdictOf = Effect.fnUntraced(function* (
  provider: Provider["Service"],
  { body, headers, status }: ErrorResponse,
  millis: number = maxMillis
) {
  const text = yield* readWithin(body, maxBytes, millis)
  return classified(provider, { status, headers, text, sentToken: true })
})

type HoldsSecret = (text: string) => boolean

type ForbiddenVerdict = Extract<Verdict, { readonly _tag: "Forbidden" }>

/** The error for each verdict that needs only the endpoint's name. */
const errors = {
  TokenExpired: (endpoint: string) =>
    TokenkeepError.of(
      { _tag: "TokenExpired" },
      {
        what: `${endpoint} rejected the access token as expired, also after a renewal.`,
        fix: "Try again. If it happens again, tokens expire before a request arrives, or the server's clock is wrong."
      }
    ),
  TokenInvalid: (endpoint: string) =>
    TokenkeepError.of(
      { _tag: "TokenInvalid" },
      {
        what: `${endpoint} rejected the access token as invalid, also after a renewal.`,
        fix: "Check that the credential belongs to this host: tokens of another environment are not valid here."
      }
    ),
  TokenMissing: (endpoint: string) =>
    TokenkeepError.of(
      { _tag: "TokenMissing" },
      {
        what: `${endpoint} reports that it received no access token, but one was sent.`,
        fix: "Check for a proxy that removes the Authorization header, then check what the token permits."
      }
    ),
  Forbidden: (endpoint: string, verdict: Verdict, holdsSecret: HoldsSecret) => {
    const { detail, fix } = verdict as ForbiddenVerdict
    // A provider may quote the response, which may repeat the token.
    const why = detail === undefined ? ", and not by the API" : holdsSecret(detail) ? "" : `: ${detail}`
    const isShown = fix !== undefined && !holdsSecret(fix)
    return TokenkeepError.of(
      { _tag: "Forbidden" },
      {
        what: `The request to ${endpoint} was refused with 403${why}.`,
        fix: isShown ? fix : "Check proxies and firewalls on the way to the host."
      }
    )
  },
  Unclassified: () =>
    TokenkeepError.of(
      { _tag: "ConfigInvalid", option: "provider" },
      {
        what: "The provider's classify threw an error or returned no verdict, so the meaning of the response is unknown.",
        fix: "Fix the provider: classify is a pure function of the response."
      }
    )
}

/**
 * The error that a 401, 403 or 429 response means; `undefined` if it is not about authorization. Reads the given body
 * within bounds.
 */
export const authorizationErrorOf = Effect.fnUntraced(function* (
  provider: Provider["Service"],
  response: ErrorResponse,
  pathname: string,
  holdsSecret: HoldsSecret
): Effect.fn.Return<TokenkeepError | undefined> {
  if (!isAuthorizationStatus(response.status)) return undefined
  const verdict = yield* verdictOf(provider, response)
  if (verdict._tag === "Other") return undefined
  const endpoint = endpointName(pathname, holdsSecret)
  if (verdict._tag !== "RateLimited") return errors[verdict._tag](endpoint, verdict as Verdict, holdsSecret)
  const { wall } = yield* clocks
  return rateLimitedBy(endpoint, wall(), response.headers, verdict)
})

/** The endpoint as errors name it. A redirect decides about the path as well, so it may repeat a secret. */
const endpointName = (pathname: string, holdsSecret: HoldsSecret): string =>
  pathname === "" || holdsSecret(pathname) ? "The API" : pathname

/** What a rejection means if our token was not sent. Other errors are not about a token. */
const withoutTokenError = (error: TokenkeepError | undefined): TokenkeepError | undefined => {
  if (error === undefined || !/^Token(Expired|Invalid|Missing)$/.test(error.reason._tag)) return error
  return TokenkeepError.of(error.reason as ReasonOf<"TokenInvalid">, {
    what: "The request was rejected. It was sent without Tokenkeep's token: it had its own Authorization header, used auth: false, or was redirected away from the base URL.",
    fix: 'Correct its header, or send the token instead: with fetchWith({ ownAuthorization: "replace" }), as in a proxy, or without auth: false.'
  })
}

/** Explains a response that the caller got: reads a clone, so that its body stays readable. */
export const explainFor =
  (provider: Provider["Service"], holdsSecret: HoldsSecret) =>
  (response: Response): Effect.Effect<TokenkeepError | undefined> => {
    const { bodyUsed, headers, status, url } = response
    // A body that is being read cannot be cloned: then the status alone decides.
    const isUnreadable = bodyUsed || response.body?.locked === true || !isAuthorizationStatus(status)
    const body = isUnreadable ? null : response.clone().body
    const error = authorizationErrorOf(provider, { status, headers, body }, url && new URL(url).pathname, holdsSecret)
    return wasSentWithToken(response) ? error : Effect.map(error, withoutTokenError)
  }
