import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import type { AccessToken } from "../credentials/AccessToken.ts"
import { containsPart } from "../credentials/containsPart.ts"
import { displayText } from "../errors/displayText.ts"
import { isTransient } from "../errors/errorCodes.ts"
import { checked, checkOptions, ofType } from "../errors/optionChecks.ts"
import { rateLimitExceeded } from "../errors/rateLimitError.ts"
import { TokenkeepError } from "../errors/TokenkeepError.ts"
import { transportFailed } from "../errors/transportFailed.ts"
import { TokenManager } from "../lifecycle/TokenManager.ts"
import { AuthorizedClient } from "../requests/AuthorizedClient.ts"
import { readBounded, readWithin } from "../requests/boundedBody.ts"
import { clocks } from "../runtime/clocks.ts"
import { waitUntilEnded } from "../runtime/waitUntilEnded.ts"
import { notifyObserver } from "../telemetry/notifyObserver.ts"
import { tokenEndpoint } from "../token-request/tokenRequestErrors.ts"
import { type ApiClientOptions, apiSettings, type Rates } from "./ApiOptions.ts"
import { makeRateLimit } from "./RateLimit.ts"

/** The largest document that is read, in bytes: many times the size of any documented one. */
const maxBody = 16 * 1024 * 1024

/** The time for one request with its response and the token that it may wait for, in milliseconds. */
const deadline = 60_000

/** An error response is read within these bytes and milliseconds. */
const maxMessage = 64 * 1024
const maxMessageMillis = 1_000

/** The longest time for which a 429 blocks other calls to an endpoint, in milliseconds: its reset may be wrong. */
const longestClosure = 60_000

/**
 * A request for one document of an API.
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
  /** The endpoint's name: its limits are counted by it, and errors contain it. */
  readonly endpoint: string
  /** A path below the base URL, with its query. */
  readonly path: string
  /** Decodes the document, or fails with the place that is not as documented, such as `$.results[3].confidence`. */
  readonly decode: (body: unknown) => Result.Result<A, string>
}

/**
 * Fetches JSON documents of an API through an {@link AuthorizedClient}: the base of a provider's typed client.
 *
 * @example
 * ```ts
 * import { type ApiClient, TokenkeepError } from "@tokenkeep/core"
 * import * as Effect from "effect/Effect"
 *
 * const gone = TokenkeepError.of({ _tag: "Disposed" }, { what: "The client was disposed.", fix: "Create a new one." })
 * const offline: ApiClient = { get: () => Effect.fail(gone) }
 * console.log(Object.keys(offline).join()) // => get
 * ```
 */
export interface ApiClient {
  /**
   * Fetches one document. It respects the endpoint's limits, waits for them up to `maxWait`, and repeats a 429 once, when
   * the server allows it. Fails with `RATE_LIMITED` if that is not enough, with `RESPONSE_INVALID`, with `API_ERROR` for
   * any status but 200, with `TRANSPORT_FAILED`, or with the reason why the request could not be authorized.
   */
  readonly get: <A>(call: ApiCall<A>) => Effect.Effect<A, TokenkeepError>
}

/**
 * Creates an {@link ApiClient}, one per client, since it counts the limits. Fails with `CONFIG_INVALID`.
 *
 * @param options.rates The provider's own limits.
 * @param options.messageOf Finds the provider's own message in the text of an error response; it is shown if it is short
 *   and contains no secret.
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
): Effect.fn.Return<ApiClient, TokenkeepError, AuthorizedClient | TokenManager> {
  const client = yield* AuthorizedClient
  const manager = yield* TokenManager
  const { wall } = yield* clocks
  const settings = yield* checked(() => {
    const isFunction = ofType("function")
    checkOptions(options, { messageOf: isFunction, onTokenEvent: isFunction }, "", ["rateLimits", "maxWait", "rates"])
    return apiSettings(options, options.rates)
  })
  const limit = yield* makeRateLimit(settings.limits, manager.ended)
  const emit = notifyObserver(options.onTokenEvent)

  /** The server's message, after a colon, if there is one to show. */
  const quoted = (text: string, tokenBefore: AccessToken | undefined): string => {
    // The token may have been renewed meanwhile: either one may have been sent.
    const holdsSecret = (shown: string) =>
      client.holdsSecret(shown) || (tokenBefore !== undefined && containsPart(shown, tokenBefore.reveal()))
    const message = displayText(messageIn(text, options.messageOf), holdsSecret)
    return message === undefined ? "." : `: ${/[.!?]$/.test(message) ? message : `${message}.`}`
  }

  const documentOf = <A>({ decode, endpoint }: ApiCall<A>, response: Response) =>
    Effect.gen(function* () {
      const { complete, text } = yield* Effect.mapError(readBounded(response.body, maxBody), (error) =>
        transportFailed(`The connection broke during the response of ${endpoint}`, error)
      )
      if (!complete) return yield* invalid(endpoint, "$", `is larger than ${maxBody} bytes`)
      const body = parsed(text)
      if (Result.isFailure(body)) return yield* invalid(endpoint, "$", "is not JSON")
      const document = decode(body.success)
      if (Result.isFailure(document)) return yield* invalid(endpoint, document.failure, "is not as documented")
      return document.success
    })

  const attempt = <A>(call: ApiCall<A>, signal: AbortSignal) =>
    Effect.gen(function* () {
      const tokenBefore = manager.peek()
      const response = yield* client.request(call.path, { headers: { accept: "application/json" }, signal })
      if (response.status === 200) return yield* documentOf(call, response)
      const text = yield* readWithin(response.body, maxMessage, maxMessageMillis)
      return yield* apiError(call.endpoint, response.status, quoted(text, tokenBefore))
    })

  /** One request. When it ends, also in the middle of a body, it is aborted on the network. */
  const send = <A>(call: ApiCall<A>): Effect.Effect<A, TokenkeepError> =>
    Effect.suspend(() => {
      const controller = new AbortController()
      return attempt(call, controller.signal).pipe(
        Effect.timeoutOrElse({
          duration: deadline,
          orElse: () => Effect.fail(transportFailed(`${call.endpoint} did not respond within ${deadline / 1_000} s`))
        }),
        Effect.ensuring(Effect.sync(() => controller.abort()))
      )
    })

  /** How long to wait after a 429, in milliseconds: never shorter than the server asked for. */
  const pauseAfter = (retryAt: number, rejections: number) =>
    Effect.gen(function* () {
      const random = yield* Random.next
      return Math.max((retryAt - wall()) * (1 + random / 10), 200 * 2 ** rejections * (1 + random))
    })

  const get = <A>(call: ApiCall<A>) =>
    Effect.gen(function* () {
      const { endpoint } = call
      let left = settings.maxWait
      for (let rejections = 0; ; rejections += 1) {
        // The token comes first: a slot is for a request that can be sent when its turn comes.
        const token = yield* Effect.result(manager.get)
        if (Result.isSuccess(token)) left -= yield* limit.take(endpoint, left)
        const result = Result.isFailure(token) ? Result.fail(token.failure) : yield* Effect.result(send(call))
        if (Result.isSuccess(result)) return result.success
        const { reason } = result.failure
        // The renewal has already waited for the token endpoint's limit.
        if (reason._tag !== "RateLimited" || reason.endpoint === tokenEndpoint) return yield* result.failure
        const pause = yield* pauseAfter(reason.retryAt, rejections)
        limit.close(endpoint, Math.min(pause, longestClosure))
        // It is repeated once.
        if (rejections > 0 || pause > left) return yield* rateLimitExceeded({ ...reason, endpoint })
        emit({ type: "rate-limit-waiting", at: wall(), endpoint, until: Math.ceil(wall() + pause) })
        yield* waitUntilEnded(pause, manager.ended)
        left -= pause
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

/** A bug of the provider must not replace the error that its message explains. */
const messageIn = (text: string, messageOf: ((text: string) => unknown) | undefined): unknown => {
  try {
    return messageOf?.(text)
  } catch {
    return undefined
  }
}

const invalid = (endpoint: string, path: string, how: string) =>
  TokenkeepError.of(
    { _tag: "ResponseInvalid", path },
    {
      what: `The response of ${endpoint} ${how}${path === "$" ? "" : `, at ${path}`}.`,
      fix: "Check the host: a proxy may respond in its place. Otherwise report it to the provider."
    }
  )

const fixes = new Map([
  [404, "Check the id and the host, and whether this API key may see it."],
  [405, "Check the host: this is not the documented endpoint."]
])

const apiError = (endpoint: string, status: number, message: string) => {
  const fix = isTransient(status)
    ? "Try again later."
    : "Look up the status in the API's reference, and correct the call."
  return TokenkeepError.of(
    { _tag: "ApiError", status },
    { what: `${endpoint} responded with status ${status}${message}`, fix: fixes.get(status) ?? fix }
  )
}
