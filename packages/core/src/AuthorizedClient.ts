import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"
import { AuthError } from "./AuthError.ts"
import { Credentials } from "./Credentials.ts"
import { checkBaseUrl } from "./internal/baseUrl.ts"
import { discardBody } from "./internal/boundedText.ts"
import { checked } from "./internal/checked.ts"
import { type Answered, makeExchange, toResponse, TransportRejected } from "./internal/exchange.ts"
import { KnownKeys } from "./internal/KnownKeys.ts"
import { oneOf, wholeNumber } from "./internal/options.ts"
import { type FetchOptions, type KeyRules, type Outgoing, outgoingOf } from "./internal/outgoing.ts"
import { explainFor, isRefusal, refusalOf } from "./internal/refusal.ts"
import { strippedCause } from "./internal/strippedCause.ts"
import { Provider } from "./Provider.ts"
import { TokenManager } from "./TokenManager.ts"
import type { Transport } from "./Transport.ts"

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
}

export const clientSettings = (options: AuthorizedClientOptions) => ({
  redirects: oneOf("redirects", options.redirects, ["strip", "refuse"]),
  replayBodyLimit: wholeNumber("replayBodyLimit", options.replayBodyLimit, 1024 * 1024, 0)
})

const make = Effect.fnUntraced(function* (options: AuthorizedClientOptions) {
  const provider = yield* Provider
  const manager = yield* TokenManager
  const credentials = yield* Credentials
  const others = yield* KnownKeys
  const keys: KeyRules = { own: credentials.areIn, others: others.areIn }
  const settings = yield* checked(() => clientSettings(options))
  const base = yield* checked(() =>
    checkBaseUrl(provider.baseUrl, { option: "provider", cleartext: provider.cleartext })
  )
  // Not within the span that the client was built in: it is long over when requests come.
  const runExit = Effect.runPromiseExitWith(Context.omit(Tracer.ParentSpan)(yield* Effect.context()))
  const exchange = yield* makeExchange(base, keys, settings)

  const run = <A>(effect: Effect.Effect<A, AuthError | TransportRejected>, signal: AbortSignal | undefined) =>
    runExit(effect, signal === undefined ? undefined : { signal }).then((exit) => {
      if (Exit.isSuccess(exit)) return exit.value
      // The caller's own reason, which the runtime does not know.
      if (signal?.aborted === true && Cause.hasInterruptsOnly(exit.cause)) throw signal.reason
      const error = Cause.squash(exit.cause)
      throw error instanceof TransportRejected ? error.error : error
    })

  const respond = (effect: Effect.Effect<Answered, AuthError | TransportRejected>, signal: AbortSignal | undefined) =>
    run(effect, signal).then(toResponse)

  /** A request whose body is known. On a hit: no runtime, no copy of the request (TOK-1). */
  const sendRead = (outgoing: Outgoing): Promise<Response> => {
    const { signal } = outgoing
    const token = outgoing.attach ? manager.peek() : undefined
    if (token === undefined) return respond(exchange.send(outgoing), signal)
    return exchange
      .sendNow(outgoing, token)
      .then((response) =>
        exchange.isOpen(outgoing, response)
          ? respond(exchange.settle(outgoing, token, response), signal)
          : response.toResponse()
      )
  }

  const rulesFor = (fetchOptions: FetchOptions) => ({ base, keys, options: fetchOptions })

  const fetchWith = (fetchOptions: FetchOptions = {}): typeof globalThis.fetch => {
    const rules = rulesFor(fetchOptions)
    const authorized = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      const outgoing = outgoingOf(input, init, rules)
      if (outgoing instanceof AuthError) return Promise.reject(outgoing)
      const { signal } = outgoing
      // The platform would send what comes before its first wait.
      if (signal?.aborted === true) return Promise.reject(signal.reason)
      return outgoing.body._tag === "Unread" ? run(exchange.read(outgoing), signal).then(sendRead) : sendRead(outgoing)
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
    const answered = yield* Effect.mapError(exchange.send({ ...outgoing, interruptible: true }), (error) =>
      error instanceof TransportRejected ? transportFailed(error.error, base, outgoing) : error
    )
    const response = toResponse(answered)
    const { headers, status } = response
    // Without our token on it, a refusal is the caller's own business.
    if (!answered.outgoing.attach || !isRefusal(status)) return response
    // A copy: where the provider sees no refusal in it, the body is the caller's.
    const { body } = response.clone()
    const refusal = yield* refusalOf(provider, { status, headers, body }, new URL(answered.outgoing.url).pathname)
    if (refusal === undefined) return response
    yield* discardBody(response.body)
    return yield* refusal
  })

  const holdsSecret = (text: string): boolean => {
    const token = manager.peek()
    return credentials.areIn(text) || (token !== undefined && text.includes(token.reveal()))
  }

  return AuthorizedClient.of({
    baseUrl: base.href,
    fetch: fetchWith(),
    fetchWith,
    request,
    explain: explainFor(provider),
    holdsSecret
  })
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
    /** Where paths lead: the provider's base URL, ending in a slash. */
    readonly baseUrl: string
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
    /** Whether a text has one of this client's API keys or its current token in it, and so must not be shown (SEC-1). */
    readonly holdsSecret: (text: string) => boolean
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
  ): Layer.Layer<AuthorizedClient, AuthError, Provider | Credentials | TokenManager | Transport> =>
    Layer.effect(AuthorizedClient, make(options)).pipe(Layer.provide(KnownKeys.layer))
}
