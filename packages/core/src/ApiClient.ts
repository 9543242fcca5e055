import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type { AccessToken } from "./AccessToken.ts"
import { type ApiClientOptions, apiSettings, type Rates } from "./ApiOptions.ts"
import { AuthError, isTransient } from "./AuthError.ts"
import { AuthorizedClient } from "./AuthorizedClient.ts"
import { readBounded, readGlance } from "./internal/boundedText.ts"
import { checked } from "./internal/checked.ts"
import { issueEndpoint, limitUsedUp } from "./internal/issueErrors.ts"
import { rest } from "./internal/rest.ts"
import { safeText } from "./internal/safeText.ts"
import { strippedCause } from "./internal/strippedCause.ts"
import { makeRateLimit } from "./RateLimit.ts"
import { TokenManager } from "./TokenManager.ts"

/** The largest document read, in bytes: many times what any documented one takes. */
const maxBody = 16 * 1024 * 1024

/** Over one request and its answer, and the token it may have to wait for; milliseconds. */
const deadline = 60_000

/** What an answer that is no document is read for, within these bytes and milliseconds. */
const maxMessage = 64 * 1024
const glance = 1_000

/** How often a refused request is repeated: once, but for those that wait however long. */
const repeats = 1
const patientRepeats = 5

/** How long a refusal keeps other calls from an endpoint at most, in milliseconds: what it told may be nonsense. */
const longestClosure = 60_000

/**
 * One document of an API.
 *
 * @example
 * ```ts
 * import type { ApiCall } from "@tokenkeep/core"
 * import * as Result from "effect/Result"
 *
 * const count: ApiCall<number> = {
 *   endpoint: "/count",
 *   path: "/count?of=mics",
 *   decode: (body) => (typeof body === "number" ? Result.succeed(body) : Result.fail("$"))
 * }
 * console.log(Result.isFailure(count.decode("12"))) // => true
 * ```
 */
export interface ApiCall<A> {
  /** What its limits are counted by, and what errors call it. */
  readonly endpoint: string
  /** Where it is: a path below the base URL, with its query. */
  readonly path: string
  /** The document, or where in it something is not as documented, such as `$.results[3].confidence`. */
  readonly decode: (body: unknown) => Result.Result<A, string>
  /** Whether it waits for the limits however long; false by default. */
  readonly patient?: boolean
}

/**
 * Reads documents of an API through an {@link AuthorizedClient}: what a provider's typed client is built on.
 *
 * @example
 * ```ts
 * import { type ApiClient, AuthError } from "@tokenkeep/core"
 * import * as Effect from "effect/Effect"
 *
 * const gone = AuthError.of({ _tag: "Disposed" }, { what: "The client was disposed.", fix: "Create a new one." })
 * const offline: ApiClient = { get: () => Effect.fail(gone) }
 * console.log(Object.keys(offline).join()) // => get
 * ```
 */
export interface ApiClient {
  /**
   * Fetches one document. It keeps the endpoint's limits, waits for them up to the patience, and repeats a 429 once, when
   * the server said. Fails with `RATE_LIMITED` where that does not do, `RESPONSE_INVALID`, `API_ERROR` for any other
   * status than 200, `TRANSPORT_FAILED`, or why the request could not be authorized.
   */
  readonly get: <A>(call: ApiCall<A>) => Effect.Effect<A, AuthError>
}

/**
 * Makes an {@link ApiClient}: the limits are counted in it, so a client has one. Fails with `CONFIG_INVALID`.
 *
 * @param options.rates What the provider says that its endpoints take.
 * @param options.messageOf Finds the provider's own message in the text of an error; it is shown where it is short and
 *   holds no secret.
 *
 * @example
 * ```ts
 * import { makeApiClient, tokenKeepLayer } from "@tokenkeep/core"
 * import { deeplyProvider } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import { FetchTransport } from "@tokenkeep/transport-fetch"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 * import * as Result from "effect/Result"
 *
 * await using server = await startFakeDeeply()
 * const decode = (body: unknown) => Result.succeed(body)
 * const program = Effect.gen(function* () {
 *   const { get } = yield* makeApiClient({ rates: { perSecond: 10 } })
 *   return yield* Effect.flip(get({ endpoint: "/api/v1/mics/{id}", path: "/api/v1/mics/none", decode }))
 * })
 * const keep = tokenKeepLayer({ provider: deeplyProvider(server.host), apiKey: server.apiKey }).pipe(
 *   Layer.provide([FetchTransport.layer(), MemoryStorage.layer()])
 * )
 * console.log((await Effect.runPromise(Effect.provide(program, keep))).code) // => API_ERROR
 * ```
 */
export const makeApiClient = Effect.fnUntraced(function* (
  options: ApiClientOptions & {
    readonly rates?: Rates | undefined
    readonly messageOf?: ((text: string) => unknown) | undefined
  }
): Effect.fn.Return<ApiClient, AuthError, AuthorizedClient | TokenManager> {
  const client = yield* AuthorizedClient
  const manager = yield* TokenManager
  const settings = yield* checked(() => apiSettings(options, options.rates))
  const limit = yield* makeRateLimit(settings.limits, manager.ended)

  /** The provider's message for people, after a colon, where there is one to show. */
  const quoted = (text: string, before: AccessToken | undefined): string => {
    // The token may have been renewed meanwhile: both were on the wire.
    const holdsSecret = (shown: string) =>
      client.holdsSecret(shown) || (before !== undefined && shown.includes(before.reveal()))
    const message = safeText(messageIn(text, options.messageOf), holdsSecret)
    return message === undefined ? "." : `: ${/[.!?]$/.test(message) ? message : `${message}.`}`
  }

  const documentOf = Effect.fnUntraced(function* <A>({ decode, endpoint }: ApiCall<A>, response: Response) {
    const { complete, text } = yield* Effect.mapError(readBounded(response.body, maxBody), (error) =>
      failed(`The answer of ${endpoint} broke off.`, error)
    )
    if (!complete) return yield* invalid(endpoint, "$", `is larger than ${maxBody} bytes`)
    const body = parsed(text)
    if (Result.isFailure(body)) return yield* invalid(endpoint, "$", "is not JSON")
    const document = decode(body.success)
    if (Result.isFailure(document)) return yield* invalid(endpoint, document.failure, "is not as documented")
    return document.success
  })

  const attempt = Effect.fnUntraced(function* <A>(call: ApiCall<A>, signal: AbortSignal) {
    const before = manager.peek()
    const response = yield* client.request(call.path, { headers: { accept: "application/json" }, signal })
    if (response.status === 200) return yield* documentOf(call, response)
    const text = yield* readGlance(response.body, maxMessage, glance)
    return yield* apiError(call.endpoint, response.status, quoted(text, before))
  })

  /** One request: whatever ends it, also in the middle of a body, ends what is on the wire. */
  const send = <A>(call: ApiCall<A>): Effect.Effect<A, AuthError> =>
    Effect.suspend(() => {
      const stop = new AbortController()
      return attempt(call, stop.signal).pipe(
        Effect.timeoutOrElse({
          duration: deadline,
          orElse: () => Effect.fail(failed(`${call.endpoint} did not answer within ${deadline / 1_000} s.`))
        }),
        Effect.ensuring(Effect.sync(() => stop.abort()))
      )
    })

  /** How long to wait after a refusal, in milliseconds: later than told and never earlier, and never not at all. */
  const pauseAfter = Effect.fnUntraced(function* (retryAt: number, refused: number) {
    const lot = yield* Random.next
    const told = retryAt - (yield* Clock.currentTimeMillis)
    return Math.max(told * (1 + lot / 10), 200 * 2 ** refused * (1 + lot))
  })

  const get = Effect.fnUntraced(function* <A>(call: ApiCall<A>) {
    const { endpoint, patient = false } = call
    let patience = patient ? Infinity : settings.patience
    for (let refused = 0; ; refused += 1) {
      // A token first: a place in the line is for what can be sent when its turn comes.
      const token = yield* Effect.result(manager.get)
      if (Result.isSuccess(token)) patience -= yield* limit.take(endpoint, patience)
      const result = Result.isFailure(token) ? Result.fail(token.failure) : yield* Effect.result(send(call))
      if (Result.isSuccess(result)) return result.success
      const { reason } = result.failure
      if (reason._tag !== "RateLimited") return yield* result.failure
      const ofIssuer = reason.endpoint === issueEndpoint
      // The issuer's limit has had its patience already.
      if (ofIssuer && !patient) return yield* result.failure
      const pause = yield* pauseAfter(reason.retryAt, refused)
      if (!ofIssuer) limit.close(endpoint, Math.min(pause, longestClosure))
      if (refused >= (patient ? patientRepeats : repeats) || pause > patience) {
        return yield* ofIssuer ? result.failure : limitUsedUp({ ...reason, endpoint })
      }
      yield* rest(pause, manager.ended)
      patience -= pause
    }
  })

  return { get }
})

const parsed = (text: string): Result.Result<unknown, void> => {
  try {
    return Result.succeed(JSON.parse(text))
  } catch {
    return Result.fail(undefined)
  }
}

/** A provider's own bug must not take the place of the error that it was to explain. */
const messageIn = (text: string, messageOf: ((text: string) => unknown) | undefined): unknown => {
  try {
    return messageOf?.(text)
  } catch {
    return undefined
  }
}

const failed = (what: string, cause?: unknown) =>
  AuthError.of(
    { _tag: "TransportFailed" },
    {
      what,
      fix: "Check the network and the host, then try again.",
      cause: cause === undefined ? undefined : strippedCause(cause)
    }
  )

const invalid = (endpoint: string, path: string, how: string) =>
  AuthError.of(
    { _tag: "ResponseInvalid", path },
    {
      what: `The answer of ${endpoint} ${how}${path === "$" ? "" : `, at ${path}`}.`,
      fix: "Check the host (a proxy may answer in its place), else report it to the provider."
    }
  )

const fixes = new Map([
  [404, "Check the id and the host, and whether this API key may see it."],
  [405, "Check the host: this is not the documented endpoint."]
])

const apiError = (endpoint: string, status: number, said: string) => {
  const fix = isTransient(status)
    ? "Try again later."
    : "Look up in the API's reference what it means, and correct the call."
  return AuthError.of(
    { _tag: "ApiError", status },
    { what: `${endpoint} answered with status ${status}${said}`, fix: fixes.get(status) ?? fix }
  )
}
