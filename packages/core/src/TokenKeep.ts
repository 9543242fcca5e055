import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { AccessToken } from "./AccessToken.ts"
import type { AuthError } from "./AuthError.ts"
import type { AuthorizedClient } from "./AuthorizedClient.ts"
import { checkBaseUrl } from "./internal/baseUrl.ts"
import { disposedError } from "./internal/disposed.ts"
import { lazyServices, type Services } from "./internal/lazyServices.ts"
import type { FetchOptions } from "./internal/outgoing.ts"
import { explainFor } from "./internal/refusal.ts"
import { checkOptions, tokenKeepLayer, type TokenKeepOptions } from "./TokenKeepLayer.ts"
import type { TokenEvent } from "./TokenEvent.ts"
import type { TokenManager } from "./TokenManager.ts"
import type { TokenStatus } from "./TokenStatus.ts"
import type { TokenStorage } from "./TokenStorage.ts"
import type { Transport } from "./Transport.ts"

/**
 * {@link TokenKeepOptions} with its adapters, for the promise door.
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
  /** Clients that are given the same layer object share it, hence its token (TOK-2). */
  readonly storage: Layer.Layer<TokenStorage>
  /** Where spans and metrics go, such as effect's `Otlp.layerJson`; nowhere by default (OBS-3). */
  readonly telemetry?: Layer.Layer<never> | undefined
}

/**
 * A client whose token is always fresh: the promise door. Everything works detached from the object.
 *
 * @example
 * ```ts
 * import type { TokenKeep } from "@tokenkeep/core"
 * import { createDeeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 *
 * await using server = await startFakeDeeply()
 * await using keep: TokenKeep = createDeeply({ apiKey: server.apiKey, host: server.host })
 * console.log((await keep.fetch("/api/v1/mics")).status) // => 200
 * ```
 */
export interface TokenKeep extends AsyncDisposable {
  /** Where paths lead: the provider's base URL, ending in a slash. */
  readonly baseUrl: string
  /** The platform's fetch, authorized: pass it to whatever takes a fetch (REQ-6). */
  readonly fetch: typeof globalThis.fetch
  /**
   * A fetch with other manners: `ownAuthorization: "replace"` puts our token over the caller's own header, for SDKs
   * that always set one; `auth: false` sends without a token. The origin rules hold for all.
   */
  readonly fetchWith: (options?: FetchOptions) => typeof globalThis.fetch
  /** The current token, renewed when there is no good one; an abort fails this caller alone, with its reason. */
  readonly token: (options?: { readonly signal?: AbortSignal | undefined }) => Promise<AccessToken>
  /** The current token when it is good, without waiting. */
  readonly peek: () => AccessToken | undefined
  /** Says that a token, or the token with that id, was refused; older ones than the current are ignored (TOK-4). */
  readonly reject: (token: AccessToken | string) => Promise<void>
  /** What a 401, 403 or 429 response means, as the error to show or throw; the body stays readable. */
  readonly explain: (response: Response) => Promise<AuthError | undefined>
  /**
   * Runs an effect over this client's services: the bridge to the Effect door, on the same token. An abort interrupts it
   * and rejects with its reason.
   */
  readonly run: <A, E>(
    effect: Effect.Effect<A, E, TokenManager | AuthorizedClient>,
    options?: { readonly signal?: AbortSignal | undefined }
  ) => Promise<A>
  /** Lets an API key that was rejected be tried again at once (KEY-2). */
  readonly retryKey: () => void
  readonly status: () => TokenStatus
  /** The last 256 events, then those to come; ends at dispose, and keeps no process alive (OBS-1). */
  readonly events: () => AsyncIterable<TokenEvent>
  /** Ends the client: waiting callers get `DISPOSED`, responses already handed out keep streaming (RUN-2). */
  readonly dispose: () => Promise<void>
}

const unused = { durable: false, shared: false, exclusive: false, watch: false, state: "unused" } as const

async function* noEvents(): AsyncGenerator<TokenEvent> {}

/** The events of a client whose adapters take time to build; there are none when a dispose cuts that short. */
const eventually = (services: Promise<Services>, isDisposed: () => boolean): AsyncIterable<TokenEvent> => {
  const events = services.then(
    ({ manager }): AsyncIterable<TokenEvent> => manager.events(),
    (error: unknown) => {
      if (isDisposed()) return noEvents()
      throw error
    }
  )
  // Whoever reads them hears of a build that failed, and nobody else.
  events.catch(() => undefined)
  return {
    [Symbol.asyncIterator]: () => {
      const reader = events.then((found) => found[Symbol.asyncIterator]())
      reader.catch(() => undefined)
      return {
        next: () => reader.then((found) => found.next()),
        return: () => reader.then((found) => found.return?.() ?? { done: true, value: undefined })
      }
    }
  }
}

/**
 * Makes a token keep for any provider. It is lazy: no I/O until the first use.
 *
 * Throws `CONFIG_INVALID`, `INSECURE_ORIGIN` or `API_KEY_MALFORMED` at once for what is known to be wrong.
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
  checkOptions(options)
  const { provider, storage, telemetry = Layer.empty, transport } = options
  const base = checkBaseUrl(provider.baseUrl, { option: "provider", cleartext: provider.cleartext })
  const services = lazyServices(tokenKeepLayer(options).pipe(Layer.provide([transport, storage, telemetry])))
  let disposing: Promise<void> | undefined
  let lastHit: { readonly token: AccessToken; readonly promise: Promise<AccessToken> } | undefined

  const ready = (): Services | Promise<Services> => {
    if (disposing !== undefined) throw disposedError()
    return services.get()
  }

  /** Uses the services, at once when they can be had at once; never throws synchronously (REQ-6). */
  const withServices = <A>(use: (found: Services) => Promise<A>): Promise<A> => {
    try {
      const found = ready()
      return found instanceof Promise ? found.then(use, rethrown) : use(found)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** A build that a dispose cut short says so. */
  const rethrown = (error: unknown): never => {
    throw disposing === undefined ? error : disposedError()
  }

  const fetchWith = (fetchOptions?: FetchOptions): typeof globalThis.fetch => {
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

  const token: TokenKeep["token"] = ({ signal } = {}) => {
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    const hit = peek()
    if (hit === undefined) return withServices(({ manager, run }) => run(manager.get, signal))
    // One resolved promise a token: a hit allocates nothing (TOK-1).
    if (lastHit?.token !== hit) lastHit = { token: hit, promise: Promise.resolve(hit) }
    return lastHit.promise
  }

  const explain = explainFor(provider)

  const dispose = () => (disposing ??= services.close())

  return {
    baseUrl: base.href,
    fetch: fetchWith(),
    fetchWith,
    token,
    peek,
    reject: async (refused) => {
      const built = services.now()
      await built?.run(built.manager.reject(refused))
    },
    retryKey: () => services.now()?.manager.retryKey(),
    events: () => {
      const found = services.now() ?? (disposing === undefined ? services.get() : undefined)
      if (found instanceof Promise) return eventually(found, () => disposing !== undefined)
      return found === undefined ? noEvents() : found.manager.events()
    },
    explain: (response) => Effect.runPromise(explain(response)),
    run: (effect, { signal } = {}) =>
      signal?.aborted === true ? Promise.reject(signal.reason) : withServices(({ run }) => run(effect, signal)),
    status: () =>
      services.now()?.manager.status() ?? {
        state: disposing === undefined ? "empty" : "disposed",
        storage: unused,
        lease: { state: "none" }
      },
    dispose,
    [Symbol.asyncDispose]: dispose
  }
}
