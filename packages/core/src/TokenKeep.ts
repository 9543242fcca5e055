import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { AccessToken } from "./AccessToken.ts"
import { ApiKey } from "./ApiKey.ts"
import type { AuthError } from "./AuthError.ts"
import { AuthorizedClient, type AuthorizedClientOptions, clientSettings } from "./AuthorizedClient.ts"
import { type ApiKeySource, Credentials } from "./Credentials.ts"
import { checkBaseUrl } from "./internal/baseUrl.ts"
import { disposedError } from "./internal/disposed.ts"
import { issueSettings } from "./internal/issuer.ts"
import type { FetchOptions } from "./internal/outgoing.ts"
import { Provider } from "./Provider.ts"
import { TokenManager, type TokenManagerOptions, type TokenStatus } from "./TokenManager.ts"
import type { TokenStorage } from "./TokenStorage.ts"
import type { Transport } from "./Transport.ts"

/**
 * What a token keep is made of, whichever door it is used through.
 *
 * @example
 * ```ts
 * import type { TokenKeepOptions } from "@tokenkeep/core"
 *
 * const options: Pick<TokenKeepOptions, "apiKey" | "redirects"> = { apiKey: "sk-live-2f6c1d", redirects: "refuse" }
 * console.log(options.redirects) // => refuse
 * ```
 */
export interface TokenKeepOptions extends TokenManagerOptions, AuthorizedClientOptions {
  readonly provider: Provider["Service"]
  readonly apiKey: ApiKeySource
  /** What to call the key in messages and prints; `"api-key"` by default. */
  readonly keyName?: string | undefined
}

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
}

/**
 * The services of a token keep, for the Effect door: the promise door is a shell over the same layer.
 *
 * @example
 * ```ts
 * import { TokenManager, tokenKeepLayer } from "@tokenkeep/core"
 * import { deeplyProvider, edge } from "@tokenkeep/deeply"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import { FetchTransport } from "@tokenkeep/transport-fetch"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * const keep = tokenKeepLayer({ provider: deeplyProvider(edge("192.0.2.7")), apiKey: "sk-live-2f6c1d" }).pipe(
 *   Layer.provide([FetchTransport.layer(), MemoryStorage.layer()])
 * )
 * const program = TokenManager.use((manager) => Effect.succeed(manager.status().state))
 * console.log(await Effect.runPromise(Effect.provide(program, keep))) // => empty
 * ```
 */
export const tokenKeepLayer = (
  options: TokenKeepOptions
): Layer.Layer<TokenManager | AuthorizedClient, AuthError, Transport | TokenStorage> =>
  AuthorizedClient.layer(options).pipe(
    Layer.provideMerge(TokenManager.layer(options)),
    Layer.provide([
      Credentials.layer(options.apiKey, { name: options.keyName }),
      Layer.succeed(Provider, options.provider)
    ])
  )

/**
 * Checks what can be known to be wrong before the first use; throws `CONFIG_INVALID`, `INSECURE_ORIGIN` or, for a
 * literal key, `API_KEY_MALFORMED`.
 */
const checkOptions = (options: TokenKeepOptions): void => {
  const { apiKey, keyName, provider } = options
  checkBaseUrl(provider.baseUrl, { option: "provider", cleartext: provider.cleartext })
  issueSettings(options.issue)
  clientSettings(options)
  if (typeof apiKey !== "function") ApiKey.make(apiKey, keyName === undefined ? {} : { name: keyName })
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
  readonly status: () => TokenStatus
  /** Ends the client: waiting callers get `DISPOSED`, responses already handed out keep streaming (RUN-2). */
  readonly dispose: () => Promise<void>
}

/** The one piece of state in this module: clients that are given the same layer object share what it builds (TOK-2). */
const memoMap = Layer.makeMemoMapUnsafe()

interface Services {
  readonly client: AuthorizedClient["Service"]
  readonly manager: TokenManager["Service"]
  readonly run: <A>(effect: Effect.Effect<A, AuthError>, signal?: AbortSignal) => Promise<A>
}

/** Runs effects for promise callers: an abort rejects with the caller's own reason, before anything is begun. */
const runnerOf = (context: Context.Context<never>): Services["run"] => {
  const runExit = Effect.runPromiseExitWith(context)
  return async (effect, signal) => {
    signal?.throwIfAborted()
    const exit = await runExit(effect, signal === undefined ? undefined : { signal })
    if (Exit.isSuccess(exit)) return exit.value
    if (signal?.aborted === true && Cause.hasInterruptsOnly(exit.cause)) throw signal.reason
    throw Cause.squash(exit.cause)
  }
}

type KeepLayer = Layer.Layer<TokenManager | AuthorizedClient, AuthError>

/** Builds the services on first use; a build that failed is tried again by the next caller. */
const lazily = (layer: KeepLayer) => {
  let built: Services | undefined
  let building: Promise<Services> | undefined
  let scope: Scope.Closeable | undefined

  const build = async (): Promise<Services> => {
    const own = Scope.makeUnsafe()
    scope = own
    const exit = await Effect.runPromiseExit(Layer.buildWithMemoMap(layer, memoMap, own))
    if (Exit.isFailure(exit)) {
      await Effect.runPromise(Scope.close(own, exit))
      throw Cause.squash(exit.cause)
    }
    const services = await Effect.runPromise(
      Effect.provideContext(
        Effect.gen(function* () {
          return { client: yield* AuthorizedClient, manager: yield* TokenManager, run: runnerOf(yield* Effect.context()) }
        }),
        exit.value
      )
    )
    built = services
    return services
  }

  return {
    now: () => built,
    get: () =>
      (building ??= build().catch((error: unknown) => {
        building = undefined
        throw error
      })),
    close: async () => {
      // A build that is under way must end first, or nobody would release what it makes.
      await building?.catch(() => undefined)
      if (scope !== undefined) await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}

const unused = { durable: false, shared: false, state: "unused" } as const

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
  const services = lazily(tokenKeepLayer(options).pipe(Layer.provide([options.transport, options.storage])))
  let disposing: Promise<void> | undefined
  let lastHit: { readonly token: AccessToken; readonly promise: Promise<AccessToken> } | undefined

  const ready = async (): Promise<Services> => {
    if (disposing !== undefined) throw disposedError()
    const found = await services.get()
    // It may have been disposed while it was built.
    if (disposing !== undefined) throw disposedError()
    return found
  }

  const fetchWith = (fetchOptions?: FetchOptions): typeof globalThis.fetch => {
    let authorized: typeof globalThis.fetch | undefined
    return (input, init) => {
      if (authorized !== undefined) return authorized(input, init)
      return ready().then(({ client }) => {
        authorized ??= client.fetchWith(fetchOptions)
        return authorized(input, init)
      })
    }
  }

  const peek = () => services.now()?.manager.peek()

  const token: TokenKeep["token"] = ({ signal } = {}) => {
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    const hit = peek()
    if (hit === undefined) return ready().then(({ manager, run }) => run(manager.get, signal))
    // One resolved promise a token: a hit allocates nothing (TOK-1).
    if (lastHit?.token !== hit) lastHit = { token: hit, promise: Promise.resolve(hit) }
    return lastHit.promise
  }

  const dispose = () => (disposing ??= services.close())

  return {
    fetch: fetchWith(),
    fetchWith,
    token,
    peek,
    reject: async (refused) => services.now()?.run(services.now()!.manager.reject(refused)),
    explain: (response) => ready().then(({ client, run }) => run(client.explain(response))),
    status: () =>
      services.now()?.manager.status() ?? {
        state: disposing === undefined ? "empty" : "disposed",
        storage: unused
      },
    dispose,
    [Symbol.asyncDispose]: dispose
  }
}
