import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type { AccessToken } from "./AccessToken.ts"
import { AuthError } from "./AuthError.ts"
import { checkBaseUrl } from "./internal/baseUrl.ts"
import { readBody } from "./internal/body.ts"
import { discardBody } from "./internal/boundedText.ts"
import { checked } from "./internal/checked.ts"
import { disposedError } from "./internal/disposed.ts"
import { withAuthorization } from "./internal/headers.ts"
import { KnownKeys } from "./internal/KnownKeys.ts"
import { oneOf, wholeNumber } from "./internal/options.ts"
import { type FetchOptions, type Outgoing, outgoingOf } from "./internal/outgoing.ts"
import { isCleartextProxied } from "./internal/proxyWarning.ts"
import { isRedirect, maxHops, nextHop } from "./internal/redirects.ts"
import { explainFor, isRefusal, refusalOf } from "./internal/refusal.ts"
import { strippedCause } from "./internal/strippedCause.ts"
import { Provider } from "./Provider.ts"
import { emitTo, type TokenEvent } from "./TokenEvent.ts"
import { TokenManager } from "./TokenManager.ts"
import { Transport, type TransportResponse } from "./Transport.ts"

/**
 * How requests are sent.
 *
 * @example
 * ```ts
 * import type { AuthorizedClientOptions } from "@tokenkeep/core"
 *
 * const options: AuthorizedClientOptions = { redirects: "refuse", replayBodyLimit: 64 * 1024 }
 * console.log(options.redirects) // => refuse
 * ```
 */
export interface AuthorizedClientOptions {
  /** A redirect to another origin is followed without the token (`"strip"`, the default) or refused. */
  readonly redirects?: "strip" | "refuse" | undefined
  /** How much of a `Request`'s body is kept for a replay, in bytes; 1 MiB by default. */
  readonly replayBodyLimit?: number | undefined
  /** See {@link TokenManagerOptions.onEvent}. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined
}

/** What the transport rejected with: the caller of `fetch` gets just that, the Effect door a stripped copy. */
class TransportRejected extends Data.TaggedError("TransportRejected")<{ readonly error: unknown }> {}

/** One request's last hop, and its answer. */
interface Answered {
  readonly outgoing: Outgoing
  readonly response: TransportResponse
  readonly hops: number
}

export const clientSettings = (options: AuthorizedClientOptions) => ({
  redirects: oneOf("redirects", options.redirects, ["strip", "refuse"]),
  replayBodyLimit: wholeNumber("replayBodyLimit", options.replayBodyLimit, 1024 * 1024, 0)
})

const toResponse = ({ response, hops }: Answered): Response => {
  const platform = response.toResponse()
  // The hops were followed here, so the platform cannot know of them.
  if (hops > 0) Object.defineProperty(platform, "redirected", { value: true })
  return platform
}

const both = (signal: AbortSignal | undefined, own: AbortSignal): AbortSignal =>
  signal === undefined ? own : AbortSignal.any([signal, own])

const make = Effect.fnUntraced(function* (options: AuthorizedClientOptions) {
  const provider = yield* Provider
  const manager = yield* TokenManager
  const transport = yield* Transport
  const knownKeys = yield* KnownKeys
  const settings = yield* checked(() => clientSettings(options))
  const base = yield* checked(() =>
    checkBaseUrl(provider.baseUrl, { option: "provider", cleartext: provider.cleartext })
  )
  const runExit = Effect.runPromiseExitWith(yield* Effect.context())
  const audience = `${base.origin}/`
  const followsHops = transport.hops === "visible"

  if (isCleartextProxied(base)) {
    emitTo(options.onEvent)({ type: "cleartext-proxied", at: yield* Clock.currentTimeMillis, origin: base.origin })
  }

  const initOf = (outgoing: Outgoing, token: AccessToken | undefined, signal: AbortSignal | undefined): RequestInit => {
    const { body } = outgoing
    const init: RequestInit = { ...outgoing.init }
    // The final URL is looked at where the header is put on: whatever went before, no other origin gets it (REQ-3).
    if (token !== undefined && outgoing.attach && outgoing.url.startsWith(audience)) {
      init.headers = withAuthorization(init.headers, `Bearer ${token.reveal()}`, outgoing.replaces)
    }
    if (body._tag === "Replayable" || body._tag === "Once") init.body = body.value
    if (signal !== undefined) init.signal = signal
    if (outgoing.follows && followsHops) init.redirect = "manual"
    return init
  }

  const transmit = (outgoing: Outgoing, token: AccessToken | undefined) =>
    Effect.tryPromise({
      try: (own) => transport.send(outgoing.url, initOf(outgoing, token, both(outgoing.signal, own))),
      catch: (error) => new TransportRejected({ error })
    })

  const isHop = (outgoing: Outgoing, response: TransportResponse): boolean =>
    outgoing.follows && followsHops && isRedirect(response)

  const follow = Effect.fnUntraced(function* (
    start: Outgoing,
    token: AccessToken | undefined,
    answer: TransportResponse
  ): Effect.fn.Return<Answered, AuthError | TransportRejected> {
    let outgoing = start
    let response = answer
    for (let hops = 0; ; hops += 1) {
      const next = isHop(outgoing, response) ? nextHop(outgoing, response, settings.redirects) : undefined
      if (next === undefined) return { outgoing, response, hops }
      yield* discardBody(response.body)
      if (next instanceof AuthError) return yield* next
      if (next instanceof TypeError) return yield* new TransportRejected({ error: next })
      if (hops === maxHops) {
        const cause = new Error("redirect count exceeded")
        return yield* new TransportRejected({ error: new TypeError("fetch failed", { cause }) })
      }
      outgoing = next
      response = yield* transmit(outgoing, token)
    }
  })

  /** What is left to do once there is an answer: hops, and the one replay after a 401 (REQ-1). */
  const settle = Effect.fnUntraced(function* (
    outgoing: Outgoing,
    token: AccessToken | undefined,
    answer: TransportResponse
  ) {
    const first = yield* follow(outgoing, token, answer)
    if (token === undefined || first.response.status !== 401 || !first.outgoing.attach) return first
    yield* manager.reject(token)
    if (outgoing.body._tag === "Once") {
      yield* Effect.onError(manager.get, () => discardBody(first.response.body))
      return first
    }
    yield* discardBody(first.response.body)
    const renewed = yield* manager.get
    return yield* follow(outgoing, renewed, yield* transmit(outgoing, renewed))
  })

  const send = Effect.fnUntraced(function* (unread: Outgoing) {
    const body = yield* Effect.mapError(
      readBody(unread.body, settings.replayBodyLimit),
      (error) => new TransportRejected({ error })
    )
    const outgoing = { ...unread, body }
    if (manager.isDisposed()) return yield* disposedError()
    const token = outgoing.attach ? yield* manager.get : undefined
    return yield* settle(outgoing, token, yield* transmit(outgoing, token))
  })

  const run = (effect: Effect.Effect<Answered, AuthError | TransportRejected>, signal: AbortSignal | undefined) =>
    runExit(effect, signal === undefined ? undefined : { signal }).then((exit) => {
      if (Exit.isSuccess(exit)) return toResponse(exit.value)
      // The caller's own reason, which the runtime does not know.
      if (signal?.aborted === true && Cause.hasInterruptsOnly(exit.cause)) throw signal.reason
      const error = Cause.squash(exit.cause)
      throw error instanceof TransportRejected ? error.error : error
    })

  const rulesFor = (fetchOptions: FetchOptions) => ({ base, knownKeys, options: fetchOptions })

  const fetchWith = (fetchOptions: FetchOptions = {}): typeof globalThis.fetch => {
    const rules = rulesFor(fetchOptions)
    const authorized = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      const outgoing = outgoingOf(input, init, rules)
      if (outgoing instanceof AuthError) return Promise.reject(outgoing)
      const { signal } = outgoing
      // The platform would send what comes before its first wait.
      if (signal?.aborted === true) return Promise.reject(signal.reason)
      const token = outgoing.attach ? manager.peek() : undefined
      if (token === undefined || outgoing.body._tag === "Unread") return run(send(outgoing), signal)
      // The hit: no runtime, no copy of the request (TOK-1).
      return transport
        .send(outgoing.url, initOf(outgoing, token, signal))
        .then((response) =>
          response.status === 401 || isHop(outgoing, response)
            ? run(settle(outgoing, token, response), signal)
            : response.toResponse()
        )
    }
    return (input, init) => {
      try {
        return authorized(input, init)
      } catch (error) {
        return Promise.reject(error)
      }
    }
  }

  const request = Effect.fnUntraced(function* (
    input: RequestInfo | URL,
    init?: RequestInit,
    fetchOptions: FetchOptions = {}
  ) {
    const outgoing = yield* Effect.try({
      try: () => outgoingOf(input, init, rulesFor(fetchOptions)),
      catch: (error) => transportFailed(error, base)
    })
    if (outgoing instanceof AuthError) return yield* outgoing
    const answered = yield* Effect.mapError(send(outgoing), (error) =>
      error instanceof TransportRejected ? transportFailed(error.error, base, outgoing) : error
    )
    // Without our token on it, a refusal is the caller's own business.
    if (!answered.outgoing.attach || !isRefusal(answered.response.status)) return toResponse(answered)
    const refusal = yield* refusalOf(provider, answered.response, new URL(answered.outgoing.url).pathname)
    return refusal === undefined ? toResponse(answered) : yield* refusal
  })

  return AuthorizedClient.of({ fetch: fetchWith(), fetchWith, request, explain: explainFor(provider) })
})

const transportFailed = (error: unknown, base: URL, outgoing?: Outgoing) =>
  AuthError.of(
    { _tag: "TransportFailed" },
    {
      what: `The request to ${base.origin} failed on the way.`,
      fix: "Check the network and the host, then try again.",
      cause: strippedCause(error, { method: outgoing?.init.method ?? "GET", url: outgoing?.url ?? base.href })
    }
  )

/**
 * The service that authorizes requests: attach the token, send, and after a 401 renew and repeat once.
 *
 * @example
 * ```ts
 * import { AuthorizedClient } from "@tokenkeep/core"
 * import { Deeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import * as Effect from "effect/Effect"
 *
 * await using server = await startFakeDeeply()
 * const program = AuthorizedClient.use((client) => client.request("/api/v1/events?size=1"))
 * const deeply = Deeply.layerDefault({ apiKey: server.apiKey, host: server.host })
 * const response = await Effect.runPromise(Effect.provide(program, deeply))
 * console.log(response.status) // => 200
 * ```
 */
export class AuthorizedClient extends Context.Service<
  AuthorizedClient,
  {
    /**
     * A request as an effect. Statuses are values, but for those that are about authorization: a 401 after the replay,
     * a 403 and a 429 fail with `TOKEN_EXPIRED`, `TOKEN_INVALID`, `TOKEN_MISSING`, `FORBIDDEN` or `RATE_LIMITED`, and
     * what the transport throws with `TRANSPORT_FAILED`. Interrupting it aborts the request.
     */
    readonly request: (
      input: RequestInfo | URL,
      init?: RequestInit,
      options?: FetchOptions
    ) => Effect.Effect<Response, AuthError>
    /** A drop-in for the platform's fetch (REQ-6). */
    readonly fetch: typeof globalThis.fetch
    /** Such a fetch with other manners towards the caller's own `Authorization`, or without a token. */
    readonly fetchWith: (options?: FetchOptions) => typeof globalThis.fetch
    /** What a 401, 403 or 429 response means, as the error to show; reads a clone, so the body stays readable. */
    readonly explain: (response: Response) => Effect.Effect<AuthError | undefined>
  }
>()("@tokenkeep/core/AuthorizedClient") {
  /**
   * The client over a token manager and a transport. Fails to build with `CONFIG_INVALID` or `INSECURE_ORIGIN`.
   *
   * @example
   * ```ts
   * import { AuthorizedClient } from "@tokenkeep/core"
   * import * as Layer from "effect/Layer"
   *
   * console.log(Layer.isLayer(AuthorizedClient.layer({ redirects: "refuse" }))) // => true
   * ```
   */
  static readonly layer = (
    options: AuthorizedClientOptions = {}
  ): Layer.Layer<AuthorizedClient, AuthError, Provider | TokenManager | Transport> =>
    Layer.effect(AuthorizedClient, make(options)).pipe(Layer.provide(KnownKeys.layer))
}
