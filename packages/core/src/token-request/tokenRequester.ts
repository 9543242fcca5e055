import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import { AccessToken } from "../credentials/AccessToken.ts"
import type { ApiKey } from "../credentials/ApiKey.ts"
import { containsPart } from "../credentials/containsPart.ts"
import { displayText } from "../errors/displayText.ts"
import { isCredentialRejection } from "../errors/errorCodes.ts"
import { rateLimitedBy } from "../errors/rateLimitError.ts"
import type { TokenkeepError } from "../errors/TokenkeepError.ts"
import { Provider } from "../ports/Provider.ts"
import type { StorageFailure } from "../ports/TokenStorage.ts"
import { issuerNow, jwtLifetime } from "./jwtLifetime.ts"
import { makeAwakeTimer } from "../runtime/awakeTimer.ts"
import { clocks } from "../runtime/clocks.ts"
import type { GrantUse, LookAgain } from "../grants/GrantUse.ts"
import type { ClientMemory } from "../lifecycle/ClientMemory.ts"
import type { LeaseLost } from "../storage/lease.ts"
import type { SharedRejection } from "../storage/record.ts"
import { count, recordMillis, traced } from "../telemetry/Telemetry.ts"
import { activeRejections } from "./activeRejections.ts"
import { requestBudget } from "./requestBudget.ts"
import { makeSendTokenRequest } from "./sendTokenRequest.ts"
import type { TokenExchange } from "./TokenExchange.ts"
import {
  afterTries,
  keyRejected,
  responseInvalid,
  sharedLimit,
  tokenEndpoint,
  tokenRequestLimited,
  unavailable
} from "./tokenRequestErrors.ts"
import type { TokenRequestSettings } from "./tokenRequestSettings.ts"

/** What {@link makeTokenRequester} makes. */
export type TokenRequester = Effect.Success<ReturnType<typeof makeTokenRequester>>

/** A token as the issuer returned it, and what is known about its lifetime. */
export interface IssuedToken {
  /** The token itself. It is not a field, because a span exports what it ends with. */
  readonly reveal: () => string
  /** When the request was sent, in epoch milliseconds. */
  readonly sentAt: number
  /** How long the request took, in milliseconds of the monotonic clock. */
  readonly tookMillis: number
  /** The lifetime that the response declares, in milliseconds. */
  readonly declared: number | undefined
  /** The lifetime that the token itself declares, in milliseconds. */
  readonly jwt: number | undefined
}

/** A credential: the key, and its name in the storage. */
interface Credential {
  readonly key: ApiKey
  readonly name: string
}

interface Request extends Credential {
  /**
   * Takes one request from the shared budget; returns how long until one is allowed, in milliseconds, or 0. It has the
   * time limits of the storage: its time does not count in the deadline, which is for the token endpoint.
   */
  readonly claim: Effect.Effect<number, LeaseLost>
  /** The refresh token that is sent, if there is one. */
  readonly grant?: GrantUse | undefined
}

type Deadline = Effect.Success<ReturnType<typeof makeAwakeTimer>>

/** The longest rate limit that another client's report can impose, in milliseconds. */
const longestSharedLimit = 600_000

/** The longest wait before the next try, in milliseconds: 200, 400, … */
const backOff = (tries: number) => 200 * 2 ** (tries - 1)

/**
 * What guards token requests: the deadline, few tries with jitter, the budget, and the cool-down of what
 * the issuer rejected.
 */
export const makeTokenRequester = Effect.fnUntraced(function* (
  settings: TokenRequestSettings & {
    readonly tokenOrigins: ReadonlyArray<URL>
    readonly holdsKey: (text: string) => boolean
  },
  notify: {
    readonly keyRejected: (key: ApiKey, retryAt: number) => void
    readonly limited: (retryAt: number) => void
  },
  memory: ClientMemory
) {
  const { mono, wall } = yield* clocks
  const { rejectionError = keyRejected } = yield* Provider
  const sendTokenRequest = yield* makeSendTokenRequest(settings)
  const rejections = activeRejections(settings.cooldown, memory.rejections)
  const budget = requestBudget(settings, memory)
  /** When the budget refused a request last. */
  let limitedAt = -Infinity
  /** Whether a request was sent and its token is not saved yet: dispose waits for that (RUN-2). */
  let underway = false

  /** The error when the budget allows no request for this long, in milliseconds. */
  const limited = (wait: number) =>
    Effect.suspend(() => {
      const at = mono()
      const retryAt = wall() + wait
      // One event per loop, although the budget allows a request from time to time.
      if (at - limitedAt > (settings.burst / settings.perSecond) * 1_000) notify.limited(retryAt)
      limitedAt = at
      return Effect.fail(tokenRequestLimited(retryAt))
    })

  const spend = Effect.fnUntraced(function* ({ claim, grant }: Request, deadline: Deadline) {
    // This process's own budget first: a wrong clock or a storage failure does not increase it.
    const wait = budget.take(mono()) || (yield* deadline.pausedFor(claim))
    if (wait > 0) return yield* limited(wait)
    if (grant !== undefined) yield* grant.check
    budget.sent(mono())
    underway = true
    return yield* count("tokenRequests")
  })

  const notifyOf = (error: ReturnType<typeof rejectionError>, key: ApiKey) => {
    if (isCredentialRejection(error.code)) notify.keyRejected(key, error.retryAt)
  }

  const read = Effect.fnUntraced(function* (exchange: TokenExchange, { grant, key, name }: Request) {
    const { headers, sentAt, status, tookMillis, verdict } = exchange
    switch (verdict._tag) {
      case "Issued": {
        const defect = AccessToken.defect(verdict.token)
        if (defect !== undefined) return yield* responseInvalid(`the access token ${defect}`)
        // It would go to every endpoint, and into the storage (KEY-1).
        if (settings.holdsKey(verdict.token)) return yield* responseInvalid("the access token contains an API key")
        rejections.forget(name)
        const issuer = issuerNow(headers, sentAt)
        const { expiresAt, lifetime, token: value } = verdict
        const declared = lifetime ?? (expiresAt === undefined ? undefined : expiresAt - (issuer ?? sentAt))
        const jwt = jwtLifetime(value, { issuer, local: sentAt })
        return { reveal: () => value, sentAt, tookMillis, declared, jwt } satisfies IssuedToken
      }
      case "KeyRejected": {
        const millis = rejections.cooldownOf(name)
        const { documented = false, reason } = verdict
        const until = wall() + millis
        const error = rejectionError({ key: key.name, status, retryAt: until, documented, reason })
        const times = rejections.times(name) + 1
        const shared = documented
          ? ({ kind: "rejected", status, at: wall(), until, times, reason } as const)
          : undefined
        rejections.add(name, error, mono(), millis, shared)
        notifyOf(error, key)
        return yield* error
      }
      case "GrantRejected":
        return yield* responseInvalid("it rejected a refresh token, and none was sent")
      case "RateLimited": {
        const error = rateLimitedBy(tokenEndpoint, wall(), headers, verdict)
        const until = error.retryAt
        const shared = { kind: "limited", status, at: wall(), until, times: rejections.times(name) } as const
        rejections.add(name, error, mono(), until - wall(), shared)
        return yield* error
      }
      case "Unavailable":
        return yield* unavailable(`The token endpoint responded with status ${status}.`)
      case "Invalid": {
        const secrets = [key.reveal(), grant?.refreshToken(), verdict.refreshToken]
        const holdsSecret = (text: string) =>
          secrets.some((secret) => secret !== undefined && containsPart(text, secret))
        return yield* responseInvalid(
          displayText(verdict.detail, holdsSecret) ?? "the reason may not be shown",
          verdict.fix
        )
      }
    }
  })

  const attempt = (request: Request, deadline: Deadline) =>
    sendTokenRequest(request.key, spend(request, deadline), request.grant).pipe(
      Effect.tap((exchange) => request.grant?.settle(exchange) ?? Effect.void),
      Effect.flatMap((exchange) => read(exchange, request)),
      Effect.onError(() =>
        Effect.sync(() => {
          underway = false
        })
      )
    )

  /** How long to wait before the next try, in milliseconds; `undefined` if there must be none. */
  const pauseAfter = Effect.fnUntraced(function* (error: TokenkeepError, tries: number, left: number) {
    if (tries >= settings.tries) return undefined
    const random = yield* Random.next
    if (error.code === "ISSUER_UNAVAILABLE") return backOff(tries) * random
    if (error.code !== "RATE_LIMITED") return undefined
    // Never earlier than the server allows, and never at once if its reset is in our past.
    const wait = Math.max((error.retryAt - wall()) * (1 + random / 10), backOff(tries) * (0.5 + random / 2))
    return wait <= settings.maxWait && wait < left ? wait : undefined
  })

  /** Retries after network faults, 5xx and short rate limits. */
  const retrySchedule = ({ grant }: Request, keepTrying: () => boolean, left: () => number) =>
    Schedule.fromStepWithMetadata(
      Effect.succeed(
        Effect.fnUntraced(function* (
          failure: Schedule.InputMetadata<TokenkeepError | LeaseLost | LookAgain | StorageFailure>
        ) {
          const { attempt: tries, input: error } = failure
          const timeLeft = Math.min(left(), grant?.timeLeft() ?? Infinity)
          const isFinal = error._tag !== "TokenkeepError" || timeLeft <= 0 || !keepTrying()
          const pause = isFinal ? undefined : yield* pauseAfter(error, tries, timeLeft)
          if (pause === undefined) return yield* Cause.done(tries)
          return [tries, Duration.millis(pause)] as [number, Duration.Duration]
        })
      )
    )

  const requestToken = traced("tokenRequest")(function* (request: Request, keepTrying: () => boolean) {
    const deadline = yield* makeAwakeTimer(settings.deadline)
    let tries = 0
    const timedOut = Effect.suspend(() =>
      Effect.fail(afterTries(unavailable(`The token endpoint did not respond within ${settings.deadline} ms.`), tries))
    )
    const next = Effect.suspend(() => {
      tries += 1
      return attempt(request, deadline)
    })
    const trying = Effect.mapError(Effect.retry(next, retrySchedule(request, keepTrying, deadline.left)), (error) =>
      afterTries(error, tries)
    )
    // The response to a refresh token is awaited for as long as the process lives: it contains the next one.
    const isOpenEnded = request.grant !== undefined
    const issued = yield* isOpenEnded ? trying : Effect.raceFirst(trying, Effect.andThen(deadline.elapsed, timedOut))
    yield* recordMillis("tokenRequestMillis", issued.tookMillis)
    return issued
  })

  /** Applies a rejection that another client received (KEY-2), unless it is implausible or `retryKey` ended it. */
  const applyShared = (
    { key, name }: Credential,
    rejection: SharedRejection | undefined
  ): TokenkeepError | undefined => {
    if (rejection === undefined || rejection.at <= wall() - (mono() - memory.forgottenAt)) return undefined
    const left = rejection.until - wall()
    const longest = rejection.kind === "rejected" ? settings.cooldown.max : longestSharedLimit
    if (left <= 0 || left > longest) return undefined
    const { kind, until: retryAt } = rejection
    const error =
      kind === "limited"
        ? sharedLimit(retryAt)
        : rejectionError({ ...rejection, key: key.name, retryAt, documented: true })
    rejections.adopt(name, error, mono(), left, rejection)
    if (error.code !== "RATE_LIMITED") notifyOf(error, key)
    return error
  }

  return {
    requestToken,
    limited,
    applyShared,
    rejectionToShare: (name: string) => rejections.toShare(name, mono(), wall()),
    /** The error of a rejection that is still active: the issuer would reject the same request again. */
    activeRejection: (name: string) => rejections.errorFor(name, mono(), wall()),
    hasActiveRejection: () => rejections.any(mono(), wall()),
    /** Allows a rejected key to be sent again at once. */
    forgetRejections: () => {
      memory.forgottenAt = mono()
      rejections.forget()
    },
    isUnderway: () => underway,
    /** Called when the token of the last request is saved, or the renewal has failed. */
    finished: () => {
      underway = false
    }
  }
})
