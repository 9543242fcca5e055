import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"
import { Credentials } from "../credentials/Credentials.ts"
import { knownKeys } from "../credentials/knownKeys.ts"
import { causeSummary, connectionFailed } from "../errors/causeSummary.ts"
import { isControlFlow } from "../errors/controlFlow.ts"
import { checked, checkOptions } from "../errors/optionChecks.ts"
import { TokenkeepError } from "../errors/TokenkeepError.ts"
import type { TokenManager } from "../lifecycle/TokenManager.ts"
import { Provider } from "../ports/Provider.ts"
import type { Transport } from "../ports/Transport.ts"
import { runnerOf } from "../runtime/promiseRunner.ts"
import { authorizationErrorOf, explainFor, isAuthorizationStatus } from "./authorizationErrors.ts"
import { checkBaseUrl } from "./baseUrl.ts"
import { cancelBody } from "./boundedBody.ts"
import { type AuthorizedClientOptions, clientChecks, type ClientSettings } from "./clientSettings.ts"
import type { KeyRules } from "./keyRules.ts"
import { checkFetchOptions, type FetchOptions, type PreparedRequest, prepareRequest } from "./preparedRequest.ts"
import { makeSendAuthorized } from "./sendAuthorized.ts"
import { withSource } from "./signalSource.ts"
import { toResponse } from "./toResponse.ts"

/** Makes the client from checked settings. */
export const makeAuthorizedClient = Effect.fnUntraced(function* (base: URL, settings: ClientSettings) {
  const provider = yield* Provider
  const credentials = yield* Credentials
  const keys: KeyRules = { own: credentials.areIn, others: knownKeys.areIn }
  // Without the span that the client was built in, which has ended when requests come.
  const run = runnerOf(Context.omit(Tracer.ParentSpan)(yield* Effect.context()))
  const { holdsSecret, sendAuthorized: send } = yield* makeSendAuthorized(base, keys, settings)

  const rulesFor = (options: FetchOptions) => ({ base, keys, options })

  const fetchWith = (options?: FetchOptions): typeof globalThis.fetch => {
    const rules = rulesFor(checkFetchOptions(options))
    return async (input, init) => {
      const request = prepareRequest(input, init, rules)
      if (request instanceof TokenkeepError) throw request
      request.signal?.throwIfAborted()
      return toResponse(await send(request, run))
    }
  }

  const request = (input: string | URL | Request, init?: RequestInit, options?: FetchOptions) =>
    Effect.gen(function* () {
      const rules = rulesFor(yield* checked(() => checkFetchOptions(options)))
      const prepared = yield* Effect.try({
        try: () => prepareRequest(input, init, rules),
        catch: (error) => transportFailed(error, base)
      })
      if (prepared instanceof TokenkeepError) return yield* prepared
      const callerRun = runnerOf(yield* Effect.context())
      const exchange = yield* Effect.tryPromise({
        try: (own) => {
          const { signal } = prepared
          const either = signal === undefined ? own : withSource(AbortSignal.any([signal, own]), signal)
          return send({ ...prepared, signal: either }, callerRun)
        },
        catch: (error) => {
          if (isControlFlow(error)) throw error
          return error instanceof TokenkeepError ? error : transportFailed(error, base, prepared)
        }
      })
      const response = toResponse(exchange)
      const { headers, status } = response
      // A 401, 403 or 429 of a request without our token is for the caller.
      if (!exchange.request.addToken || !isAuthorizationStatus(status)) return response
      // A copy: if the provider reads no authorization error from it, the body is the caller's.
      const { body } = response.clone()
      const { pathname } = new URL(exchange.request.url)
      const error = yield* authorizationErrorOf(provider, { status, headers, body }, pathname, holdsSecret)
      if (error === undefined) return response
      cancelBody(response.body)
      return yield* error
    })

  return {
    baseUrl: base.href,
    fetch: fetchWith(),
    fetchWith,
    request,
    explain: explainFor(provider, holdsSecret),
    holdsSecret: (text: string) => holdsSecret(text)
  }
})

const transportFailed = (error: unknown, base: URL, request?: PreparedRequest) => {
  const method = request?.init.method ?? "GET"
  const cause = causeSummary(error, { method, url: request?.url ?? base.href })
  return TokenkeepError.of({ _tag: "TransportFailed" }, connectionFailed(`${method} ${cause.url} failed`, cause))
}

/**
 * The service that authorizes requests: add the token, send, and after a 401 renew and repeat.
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
    /** The provider's base URL, ending in a slash. */
    readonly baseUrl: string
    /**
     * A request as an effect. Statuses are values, except those about authorization: a 401 after the replays, a 403 and a
     * 429 fail with `TOKEN_EXPIRED`, `TOKEN_INVALID`, `TOKEN_MISSING`, `FORBIDDEN` or `RATE_LIMITED`; errors of the
     * transport fail with `TRANSPORT_FAILED`. Interrupting it aborts the request.
     */
    readonly request: (
      input: string | URL | Request,
      init?: RequestInit,
      options?: FetchOptions
    ) => Effect.Effect<Response, TokenkeepError>
    /** A replacement for the platform's fetch. */
    readonly fetch: typeof globalThis.fetch
    /** A fetch that treats the caller's own `Authorization` differently, or sends without a token. */
    readonly fetchWith: (options?: FetchOptions) => typeof globalThis.fetch
    /** The error that a 401, 403 or 429 response means; reads a clone, so the body stays readable. */
    readonly explain: (response: Response) => Effect.Effect<TokenkeepError | undefined>
    /** Whether a text contains one of this client's API keys, its current token or a part of one, and must not be shown. */
    readonly holdsSecret: (value: string) => boolean
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
  ): Layer.Layer<AuthorizedClient, TokenkeepError, Provider | Credentials | TokenManager | Transport> =>
    Layer.effect(
      AuthorizedClient,
      Effect.gen(function* () {
        const { allowInsecureHttp, baseUrl } = yield* Provider
        const [base, settings] = yield* checked(
          () =>
            [
              checkBaseUrl(baseUrl, { option: "provider", allowInsecureHttp }),
              checkOptions(options, clientChecks)
            ] as const
        )
        return yield* makeAuthorizedClient(base, settings)
      })
    )
}
