import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { AccessToken } from "../AccessToken.ts"
import type { ApiKey } from "../ApiKey.ts"
import { AuthError } from "../AuthError.ts"
import { type IssueRequest, type IssueVerdict, Provider } from "../Provider.ts"
import { countIssueCall, recordIssueMillis, spans, traced } from "../Telemetry.ts"
import { Transport, type TransportResponse } from "../Transport.ts"
import { discardBody, readBounded, readGlance } from "./boundedText.ts"
import type { LeaseLost } from "./election.ts"
import { issueBudget } from "./issueBudget.ts"
import {
  budgetExceeded,
  issueEndpoint,
  keyRejected,
  providerThrew,
  rateLimited,
  redirected,
  responseInvalid,
  sharedRefusal,
  unavailable,
  unreachable
} from "./issueErrors.ts"
import type { issuerSettings } from "./issuerSettings.ts"
import { issuerNow, jwtLife } from "./jwtHint.ts"
import { resolveUrl } from "./originRules.ts"
import type { SharedRefusal } from "./record.ts"
import { isRedirect } from "./redirects.ts"
import { standingRefusals } from "./standingRefusals.ts"
import { strippedCause } from "./strippedCause.ts"

/** What {@link makeIssuer} makes. */
export type Issuer = Effect.Success<ReturnType<typeof makeIssuer>>

/** A token as the issuer gave it, and what is told of its life. */
export interface Issued {
  readonly value: string
  /** When the call was sent, in epoch milliseconds: a life counts from there (TOK-9). */
  readonly sentAt: number
  /** How long the call took, in milliseconds of the monotonic clock. */
  readonly tookMillis: number
  readonly declared: number | undefined
  readonly jwt: number | undefined
}

/** Whose token is asked for. */
interface Credential {
  readonly key: ApiKey
  /** Its name, as in the storage. */
  readonly name: string
}

interface Call extends Credential {
  /** Takes one call from the budget that is shared; how long until there is one, in milliseconds, or 0. */
  readonly claim: Effect.Effect<number, LeaseLost>
}

/** How long a refusal is read for, in milliseconds: its status says most, and its body may never end. */
const glance = 1_000

/** The longest that a rate limit of somebody else is heeded, in milliseconds. */
const longestLimit = 600_000

/** The longest wait before the next try, in milliseconds: 200, 400, … */
const backOff = (tried: number) => 200 * 2 ** (tried - 1)

/** A provider's own bug must not print the secret it was looking at. */
const guarded = <A>(what: "issueRequest" | "readToken", read: () => A): Effect.Effect<A, AuthError> =>
  Effect.try({ try: read, catch: () => providerThrew(what) })

/**
 * The call that turns an API key into an access token (TOK-10): one deadline over everything, few tries with jitter,
 * a bounded body, no redirects, no caching, and the key only to the provider's own origin (KEY-1). It remembers what the
 * issuer refused (KEY-2) and how often it was called (TOK-8).
 */
export const makeIssuer = Effect.fnUntraced(function* (
  base: URL,
  settings: ReturnType<typeof issuerSettings>,
  heard: {
    readonly keyRejected: (key: ApiKey, retryAt: number) => void
    readonly budgetExceeded: (retryAt: number) => void
  }
) {
  const provider = yield* Provider
  const transport = yield* Transport
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeMillisUnsafe()
  const mono = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  const refusals = standingRefusals(settings.cooldown)
  const budget = issueBudget(settings)
  /** When the budget refused a call last. */
  let refusedAt = -Infinity
  /** Until when refusals that others were given do not count, in epoch milliseconds. */
  let forgottenAt = -Infinity
  /** Whether a call has left and is not dealt with: what a dispose waits for (RUN-2). */
  let underway = false

  const spend = Effect.fnUntraced(function* ({ claim }: Call) {
    const at = mono()
    // Its own budget first: clocks and storages cannot open it.
    const wait = budget.take(at) || (yield* claim)
    if (wait === 0) {
      budget.sent(mono())
      return yield* countIssueCall
    }
    const retryAt = now() + wait
    // One event for one loop, however fast it turns, and although it gets a call through now and then.
    if (at - refusedAt > (settings.burst / settings.perSecond) * 1_000) heard.budgetExceeded(retryAt)
    refusedAt = at
    return yield* budgetExceeded(retryAt)
  })

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
      catch: (error) => unreachable(url, request.method, error)
    })

  const tokenText = Effect.fnUntraced(function* (body: TransportResponse["body"]) {
    const answer = yield* readBounded(body, settings.maxBody).pipe(
      Effect.mapError((error) => unavailable("The connection broke in the issuer's answer.", strippedCause(error)))
    )
    if (!answer.complete) return yield* responseInvalid(`it is larger than ${settings.maxBody} bytes`)
    return answer.text
  })

  const read = Effect.fnUntraced(function* (response: TransportResponse, call: Call, sentAt: number, started: number) {
    const { status, headers } = response
    const text = yield* status === 200 ? tokenText(response.body) : readGlance(response.body, settings.maxBody, glance)
    const verdict = yield* guarded("readToken", () => provider.readToken({ status, headers, text, sentToken: false }))
    return yield* judged(verdict, response, call, { sentAt, tookMillis: mono() - started })
  })

  const judged = Effect.fnUntraced(function* (
    verdict: IssueVerdict,
    { headers, status }: TransportResponse,
    { key, name }: Credential,
    times: Pick<Issued, "sentAt" | "tookMillis">
  ) {
    switch (verdict._tag) {
      case "Issued": {
        const defect = AccessToken.defect(verdict.token)
        if (defect !== undefined) return yield* responseInvalid(`the access token ${defect}`)
        refusals.forget(name)
        const issuer = issuerNow(headers)
        const { expiresAt, lifetime, token: value } = verdict
        const declared = lifetime ?? (expiresAt === undefined ? undefined : expiresAt - (issuer ?? times.sentAt))
        return { value, ...times, declared, jwt: jwtLife(value, { issuer, local: times.sentAt }) } satisfies Issued
      }
      case "KeyRejected": {
        const millis = refusals.cooldownOf(name)
        const isDocumented = verdict.documented === true
        const until = now() + millis
        const error = keyRejected(key, status, until, isDocumented)
        const told = { kind: "rejected", status, at: now(), until, times: refusals.times(name) + 1 } as const
        refusals.note(name, error, mono(), millis, isDocumented ? told : undefined)
        heard.keyRejected(key, until)
        return yield* error
      }
      case "RateLimited": {
        const error = rateLimited(issueEndpoint, now(), headers, verdict)
        const until = error.retryAt ?? now()
        const told = { kind: "limited", status, at: now(), until, times: refusals.times(name) } as const
        refusals.note(name, error, mono(), until - now(), told)
        return yield* error
      }
      case "Unavailable":
        return yield* unavailable(`The issuer answered with status ${status}.`)
      case "Invalid":
        return yield* responseInvalid(verdict.detail)
    }
  })

  const attempt = Effect.fnUntraced(function* (call: Call) {
    const request = yield* guarded("issueRequest", () => provider.issueRequest(call.key))
    const url = resolveUrl(request.path, base)
    if (url instanceof AuthError) return yield* url
    yield* spend(call)
    const sentAt = now()
    const started = mono()
    underway = true
    return yield* Effect.onError(
      Effect.gen(function* () {
        const response = yield* send(url, request)
        if (isRedirect(response)) {
          yield* discardBody(response.body)
          return yield* redirected(url, response.headers.get("location"))
        }
        return yield* read(response, call, sentAt, started)
      }),
      () =>
        Effect.sync(() => {
          underway = false
        })
    )
  })

  /** How long to wait before another try, in milliseconds; nothing when there must be none. */
  const pauseAfter = Effect.fnUntraced(function* (error: AuthError, tried: number, deadline: number) {
    if (tried >= settings.tries) return undefined
    const lot = yield* Random.next
    if (error.reason._tag === "IssuerUnavailable") return backOff(tried) * lot
    if (error.reason._tag !== "RateLimited") return undefined
    // Upwards only: an earlier try would be refused again; and never at once, when the reset is past by our clock.
    const wait = Math.max((error.reason.retryAt - now()) * (1 + lot / 10), backOff(tried) * (0.5 + lot / 2))
    return wait <= settings.patience && mono() + wait < deadline ? wait : undefined
  })

  const tries = Effect.fnUntraced(function* (call: Call, keepTrying: () => boolean) {
    const deadline = mono() + settings.deadline
    for (let tried = 1; ; tried += 1) {
      const result = yield* Effect.result(attempt(call))
      if (result._tag === "Success") return result.success
      if (result.failure._tag === "LeaseLost") return yield* result.failure
      const pause = keepTrying() ? yield* pauseAfter(result.failure, tried, deadline) : undefined
      if (pause === undefined) return yield* result.failure
      yield* Effect.sleep(pause)
    }
  })

  const issue = traced(spans.issue)(function* (call: Call, keepTrying: () => boolean) {
    const issued = yield* tries(call, keepTrying).pipe(
      Effect.timeoutOrElse({
        duration: settings.deadline,
        orElse: () => Effect.fail(unavailable(`The issuer did not answer within ${settings.deadline} ms.`))
      })
    )
    yield* recordIssueMillis(issued.tookMillis)
    return issued
  })

  /** Heeds what the issuer refused to somebody else (KEY-2), unless it makes no sense or was to be forgotten. */
  const heed = ({ key, name }: Credential, refusal: SharedRefusal | undefined): AuthError | undefined => {
    if (refusal === undefined || refusal.at <= forgottenAt) return undefined
    const left = refusal.until - now()
    const longest = refusal.kind === "rejected" ? settings.cooldown.max : longestLimit
    if (left <= 0 || left > longest) return undefined
    const error = sharedRefusal(key, refusal)
    refusals.heed(name, error, mono(), left, refusal)
    if (refusal.kind === "rejected") heard.keyRejected(key, refusal.until)
    return error
  }

  return {
    issue,
    heed,
    refusalToShare: (name: string) => refusals.shared(name, mono(), now()),
    /** What the issuer refused lately and will be refused at once. */
    standing: (name: string) => refusals.standing(name, mono(), now()),
    hasStanding: () => refusals.any(mono(), now()),
    /** Lets a rejected key be tried again at once. */
    forget: () => {
      forgottenAt = now()
      refusals.forget()
    },
    isUnderway: () => underway,
    /** The token of the last call is saved, or was given up. */
    settle: () => {
      underway = false
    }
  }
})
