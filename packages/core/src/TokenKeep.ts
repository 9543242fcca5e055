import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { AccessToken } from "./credentials/AccessToken.ts"
import { disposedError } from "./errors/disposed.ts"
import { layer, optional } from "./errors/optionChecks.ts"
import type { TokenkeepError } from "./errors/TokenkeepError.ts"
import type { TokenManager } from "./lifecycle/TokenManager.ts"
import type { TokenStatus } from "./lifecycle/TokenStatus.ts"
import type { TokenStorage } from "./ports/TokenStorage.ts"
import type { Transport } from "./ports/Transport.ts"
import { explainFor } from "./requests/authorizationErrors.ts"
import type { AuthorizedClient } from "./requests/AuthorizedClient.ts"
import { checkFetchOptions, type FetchOptions } from "./requests/preparedRequest.ts"
import { lazyServices, type Services } from "./runtime/lazyServices.ts"
import { sharedLayer } from "./runtime/sharedLayer.ts"
import { layerOf, settingsOf, type TokenKeepOptions } from "./TokenKeepLayer.ts"

/**
 * {@link TokenKeepOptions} with the adapters, for the promise API.
 *
 * @example
 * ```ts
 * import type { CreateTokenKeepOptions } from "@tokenkeep/core"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import { FetchTransport } from "@tokenkeep/transport-fetch"
 *
 * const adapters: Pick<CreateTokenKeepOptions, "transport" | "storage"> = {
 *   transport: FetchTransport.layer(),
 *   storage: MemoryStorage.layer()
 * }
 * console.log(Object.keys(adapters).join()) // => transport,storage
 * ```
 */
export interface CreateTokenKeepOptions extends TokenKeepOptions {
  readonly transport: Layer.Layer<Transport>
  /** Clients with the same layer object share this storage, and so its token. */
  readonly storage: Layer.Layer<TokenStorage>
  /** Exports spans and metrics, such as effect's `Otlp.layerJson`; none by default. */
  readonly telemetry?: Layer.Layer<never> | undefined
}

// It mentions no type of Effect, so that a package without Effect can export it.
/**
 * The promise API of a client. Every function works detached from the object.
 *
 * @example
 * ```ts
 * import type { PromiseTokenKeep } from "@tokenkeep/core"
 * import { createDeeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * await using server = await startFakeDeeply()
 * await using keep: PromiseTokenKeep = createDeeply({ apiKey: server.apiKey, host: server.host })
 * console.log((await keep.fetch("/api/v1/mics")).status) // => 200
 * ```
 */
export interface PromiseTokenKeep extends AsyncDisposable {
  /** The provider's base URL, ending in a slash. */
  readonly baseUrl: string
  /** The platform's fetch with the token on every request: pass it to anything that takes a fetch. */
  readonly fetch: typeof globalThis.fetch
  /**
   * A fetch with other options: `ownAuthorization: "replace"` replaces the caller's own header with the token, for SDKs
   * that always set one and for proxies; `auth: false` sends without a token. The origin rules always apply.
   */
  readonly fetchWith: (options?: FetchOptions) => typeof globalThis.fetch
  /** The current token, renewed if there is no good one; an abort fails this call alone, with its reason. */
  readonly token: (options?: { readonly signal?: AbortSignal | undefined }) => Promise<AccessToken>
  /** The current token if it is good, without waiting. */
  readonly peek: () => AccessToken | undefined
  /** Reports that a token, or the token with that id, was rejected; it counts only for the current token. */
  readonly reject: (token: AccessToken | string) => Promise<void>
  /** Allows an API key that was rejected to be sent again at once. */
  readonly retryKey: () => void
  readonly status: () => TokenStatus
  /**
   * Ends the client: waiting callers get `DISPOSED`; responses that were handed out stay readable. Requests in flight
   * continue, and `dispose()` does not wait for them. On shutdown: close the server, then dispose.
   */
  readonly dispose: () => Promise<void>
}

/**
 * A client that renews its token automatically.
 *
 * @example
 * ```ts
 * import type { TokenKeep } from "@tokenkeep/core"
 * import { createDeeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * await using server = await startFakeDeeply()
 * await using keep: TokenKeep = createDeeply({ apiKey: server.apiKey, host: server.host })
 * const response = await keep.fetch("/api/v1/mics")
 * console.log(response.status, await keep.explain(response)) // => 200 undefined
 * ```
 */
export interface TokenKeep extends PromiseTokenKeep {
  /** The error that a 401, 403 or 429 response means, to show or throw; the body stays readable. */
  readonly explain: (response: Response) => Promise<TokenkeepError | undefined>
  /** Runs an effect with this client's services; an abort interrupts it and rejects with its reason. */
  readonly run: <A, E>(
    effect: Effect.Effect<A, E, TokenManager | AuthorizedClient>,
    options?: { readonly signal?: AbortSignal | undefined }
  ) => Promise<A>
}

/** The status of a client that is not open. */
export const unusedStatus = (isDisposed: boolean): TokenStatus => ({
  state: isDisposed ? "disposed" : "empty",
  storage: { durable: false, shared: false, acquireLease: false, watch: false, state: "unused" },
  lease: { state: "none" }
})

/**
 * Creates a client for any provider. It is lazy: no I/O until the first use.
 *
 * Throws `CONFIG_INVALID`, `INSECURE_ORIGIN` or `API_KEY_MALFORMED` if an option is wrong.
 *
 * @example
 * ```ts
 * import { createTokenKeep } from "@tokenkeep/core"
 * import { deeplyProvider } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import { FetchTransport } from "@tokenkeep/transport-fetch"
 *
 * await using server = await startFakeDeeply()
 * await using keep = createTokenKeep({
 *   provider: deeplyProvider(server.host),
 *   apiKey: server.apiKey,
 *   transport: FetchTransport.layer(),
 *   storage: MemoryStorage.layer()
 * })
 * console.log((await keep.fetch("/api/v1/events")).status) // => 200
 * ```
 */
export const createTokenKeep = (options: CreateTokenKeepOptions): TokenKeep => {
  const settings = settingsOf(options, { transport: layer, storage: layer, telemetry: optional(layer) })
  const { provider, storage, telemetry = Layer.empty, transport } = options
  const services = lazyServices(
    layerOf(settings, sharedLayer).pipe(
      Layer.provide([sharedLayer(transport), sharedLayer(storage), sharedLayer(telemetry)])
    )
  )
  let disposing: Promise<void> | undefined
  /** The manager's `cached`, from the first call on. */
  let cachedToken: (() => AccessToken | undefined) | undefined
  /** One resolved promise per token, so that the fast path allocates nothing. */
  let resolved: Promise<AccessToken> | undefined
  let resolvedWith: AccessToken | undefined

  const ready = (): Services | Promise<Services> => {
    if (disposing !== undefined) throw disposedError()
    return services.get()
  }

  /** Uses the services, at once if they are built; never throws synchronously (REQ-6). */
  const withServices = <A>(use: (found: Services) => Promise<A>): Promise<A> => {
    try {
      const found = ready()
      return found instanceof Promise ? whenReady(found, use) : use(found)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** If dispose stopped the build of the services, the call fails with `DISPOSED`. */
  const rethrow = (error: unknown): never => {
    throw disposing === undefined ? error : disposedError()
  }

  /** An async function, because stacks in Bun do not go on after a `then` (OBS-4). */
  const whenReady = async <A>(found: Promise<Services>, use: (found: Services) => Promise<A>): Promise<A> =>
    await use(await found.catch(rethrow))

  const fetchWith = (fetchOptions?: FetchOptions): typeof globalThis.fetch => {
    checkFetchOptions(fetchOptions)
    let authorized: typeof globalThis.fetch | undefined
    return (input, init) => {
      if (authorized !== undefined) return authorized(input, init)
      return withServices(({ client }) => {
        authorized ??= client.fetchWith(fetchOptions)
        return authorized(input, init)
      })
    }
  }

  const peek = () => services.now()?.manager.peek()

  const token: TokenKeep["token"] = (tokenOptions) => {
    const signal = tokenOptions?.signal
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    const cached = cachedToken?.()
    if (cached === undefined) {
      return withServices(({ manager, run }) => {
        cachedToken = manager.cached
        return run(manager.get, signal)
      })
    }
    if (cached === resolvedWith && resolved !== undefined) return resolved
    resolvedWith = cached
    return (resolved = Promise.resolve(cached))
  }

  const explain = explainFor(provider, (text) => services.now()?.client.holdsSecret(text) === true)

  const dispose = () => (disposing ??= services.close())

  return {
    baseUrl: settings.manager.base.href,
    fetch: fetchWith(),
    fetchWith,
    token,
    peek,
    reject: async (rejected) => {
      const built = services.now()
      await built?.run(built.manager.reject(rejected), undefined)
    },
    retryKey: () => services.now()?.manager.retryKey(),
    explain: (response) => Effect.runPromise(explain(response)),
    run: (effect, runOptions) => {
      const signal = runOptions?.signal
      return signal?.aborted === true ? Promise.reject(signal.reason) : withServices(({ run }) => run(effect, signal))
    },
    status: () => services.now()?.manager.status() ?? unusedStatus(disposing !== undefined),
    dispose,
    [Symbol.asyncDispose]: dispose
  }
}
