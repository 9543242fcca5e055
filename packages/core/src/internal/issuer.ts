import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import { AccessToken } from "../AccessToken.ts"
import type { ApiKey } from "../ApiKey.ts"
import { AuthError } from "../AuthError.ts"
import { type IssueRequest, type IssueVerdict, Provider, type RateLimitAnswer } from "../Provider.ts"
import { Transport, type TransportResponse } from "../Transport.ts"
import { discardBody, readBounded } from "./boundedText.ts"
import { positiveMillis, wholeNumber } from "./options.ts"
import { resolveUrl } from "./originRules.ts"
import { isRedirect } from "./redirects.ts"
import { retryAtOf } from "./retryAfter.ts"
import { strippedCause } from "./strippedCause.ts"

/**
 * How an issue call is made (TOK-10).
 *
 * @example
 * ```ts
 * import type { IssueOptions } from "@tokenkeep/core"
 *
 * const issue: IssueOptions = { deadline: "5 seconds", tries: 2, maxBody: 16 * 1024 }
 * console.log(issue.tries) // => 2
 * ```
 */
export interface IssueOptions {
  /** Over everything: key source aside, all tries, their waits and bodies. Milliseconds; 10 s by default. */
  readonly deadline?: Duration.Input | undefined
  /** How often to try at most, on network faults and 5xx; 3 by default. */
  readonly tries?: number | undefined
  /** The largest answer read, in bytes; 64 KiB by default. */
  readonly maxBody?: number | undefined
}

export const issueSettings = (options: IssueOptions = {}) => ({
  deadline: positiveMillis("issue.deadline", options.deadline, 10_000),
  tries: wholeNumber("issue.tries", options.tries, 3, 1),
  maxBody: wholeNumber("issue.maxBody", options.maxBody, 64 * 1024, 1)
})

/** Full jitter: anything up to 200 ms, 400 ms, … so that many clients do not come back at once. */
const backOff = Schedule.exponential("200 millis").pipe(
  Schedule.modifyDelay(({ duration }) => Effect.map(Random.next, (part) => Duration.toMillis(duration) * part))
)

const unavailable = (what: string, cause?: unknown) =>
  AuthError.of(
    { _tag: "IssuerUnavailable" },
    { what, fix: "Try again later; nothing is wrong with the API key.", cause }
  )

const responseInvalid = (detail: string) =>
  AuthError.of(
    { _tag: "IssueResponseInvalid" },
    {
      what: `The issue endpoint answered something else than documented: ${detail}.`,
      fix: "Check the host (a proxy or captive portal may answer in its place), else report it to the provider."
    }
  )

/** What a 429 is to the caller, wherever it came from. */
export const rateLimited = Effect.fnUntraced(function* (endpoint: string, headers: Headers, answer: RateLimitAnswer) {
  const retryAt = retryAtOf(yield* Clock.currentTimeMillis, headers, answer.resetAt)
  const { limit, remaining } = answer
  return AuthError.of(
    { _tag: "RateLimited", retryAt, limit, remaining, endpoint },
    {
      what: `The rate limit of ${endpoint} is used up.`,
      fix: `Wait until ${new Date(retryAt).toISOString()}, and make fewer calls.`
    }
  )
})

const keyRejected = (key: ApiKey, status: number, documented: boolean) =>
  AuthError.of(
    { _tag: "ApiKeyRejected" },
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

const redirected = (from: URL, location: string | null) =>
  AuthError.of(
    { _tag: "RedirectRefused", from: from.origin, to: originOf(location, from) },
    {
      what: "The issue endpoint answered with a redirect, which would send the API key elsewhere.",
      fix: "Set the host to where the API really is."
    }
  )

const originOf = (location: string | null, base: URL): string =>
  location !== null && URL.canParse(location, base) ? new URL(location, base).origin : "unknown"

/** A provider's own bug must not print the secret it was looking at. */
const guarded = <A>(what: string, read: () => A): Effect.Effect<A, AuthError> =>
  Effect.try({ try: read, catch: () => responseInvalid(`the provider's ${what} threw`) })

/**
 * The call that turns an API key into an access token (TOK-10): one deadline over everything, few tries with jitter,
 * a bounded body, no redirects, no caching, and the key only to the provider's own origin (KEY-1).
 */
export const makeIssuer = Effect.fnUntraced(function* (base: URL, settings: ReturnType<typeof issueSettings>) {
  const provider = yield* Provider
  const transport = yield* Transport
  /** Whether a call has left and is not dealt with: what a dispose waits for (RUN-2). */
  let underway = false

  const send = (url: URL, request: IssueRequest): Effect.Effect<TransportResponse, AuthError> =>
    Effect.tryPromise({
      try: (signal) =>
        transport.send(url.href, {
          method: request.method,
          headers: { "cache-control": "no-store", ...request.headers },
          ...(request.body === undefined ? undefined : { body: request.body }),
          redirect: "manual",
          cache: "no-store",
          credentials: "omit",
          signal
        }),
      catch: (error) =>
        unavailable(
          `The issuer at ${url.origin} could not be reached.`,
          strippedCause(error, { method: request.method, url: url.href })
        )
    })

  const read = Effect.fnUntraced(function* (response: TransportResponse, key: ApiKey, sentAt: number) {
    const { status, headers } = response
    const answer = yield* readBounded(response.body, settings.maxBody).pipe(
      Effect.mapError((error) => unavailable("The connection broke in the issuer's answer.", strippedCause(error)))
    )
    if (!answer.complete && status === 200) {
      return yield* responseInvalid(`it is larger than ${settings.maxBody} bytes`)
    }
    const verdict = yield* guarded("readToken", () =>
      provider.readToken({ status, headers, text: answer.text, sentToken: false })
    )
    return yield* tokenOf(verdict, { key, sentAt, status, headers })
  })

  const attempt = Effect.fnUntraced(function* (key: ApiKey) {
    const request = yield* guarded("issueRequest", () => provider.issueRequest(key))
    const url = resolveUrl(request.path, base)
    if (url instanceof AuthError) return yield* url
    const sentAt = yield* Clock.currentTimeMillis
    underway = true
    return yield* Effect.onError(
      Effect.gen(function* () {
        const response = yield* send(url, request)
        if (isRedirect(response)) {
          yield* discardBody(response.body)
          return yield* redirected(url, response.headers.get("location"))
        }
        return yield* read(response, key, sentAt)
      }),
      () =>
        Effect.sync(() => {
          underway = false
        })
    )
  })

  const issue = Effect.fn("tokenkeep.issue")(function* (key: ApiKey, keepTrying: () => boolean) {
    return yield* attempt(key).pipe(
      Effect.retry({
        schedule: backOff,
        times: settings.tries - 1,
        while: (error) => error.reason._tag === "IssuerUnavailable" && keepTrying()
      }),
      Effect.timeoutOrElse({
        duration: settings.deadline,
        orElse: () => Effect.fail(unavailable(`The issuer did not answer within ${settings.deadline} ms.`))
      })
    )
  })

  return {
    issue,
    isUnderway: () => underway,
    /** The token of the last call is saved, or was given up. */
    settle: () => {
      underway = false
    }
  }
})

const tokenOf = Effect.fnUntraced(function* (
  verdict: IssueVerdict,
  call: { readonly key: ApiKey; readonly sentAt: number; readonly status: number; readonly headers: Headers }
) {
  switch (verdict._tag) {
    case "Issued": {
      const defect = AccessToken.defect(verdict.token)
      if (defect !== undefined) return yield* responseInvalid(`the access token ${defect}`)
      return AccessToken.make(verdict.token, { issuedAt: call.sentAt, expiresAt: verdict.expiresAt })
    }
    case "KeyRejected":
      return yield* keyRejected(call.key, call.status, verdict.documented === true)
    case "RateLimited":
      return yield* yield* rateLimited("the issue endpoint", call.headers, verdict)
    case "Unavailable":
      return yield* unavailable(`The issuer answered with status ${call.status}.`)
    case "Invalid":
      return yield* responseInvalid(verdict.detail)
  }
})
