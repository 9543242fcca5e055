import {
  apiKeyFromEnvironment,
  type AuthError,
  AuthorizedClient,
  isAuthError,
  TokenManager,
  tokenKeepLayer,
  type TokenKeepOptions,
  type TokenStorage,
  type Transport
} from "@tokenkeep/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { deeplyProvider } from "./deeplyProvider.ts"
import { defaultFallback, defaultStorage, defaultTransport } from "./defaultAdapters.ts"
import { type Host, hostOf } from "./Host.ts"

/**
 * What both doors can be told about a Deeply client.
 *
 * @example
 * ```ts
 * import { type DeeplyOptions, edge } from "@tokenkeep/deeply"
 *
 * const options: DeeplyOptions = { host: edge("192.0.2.7"), issue: { deadline: "5 seconds" } }
 * console.log(Object.keys(options).join()) // => host,issue
 * ```
 */
export interface DeeplyOptions extends Omit<TokenKeepOptions, "provider" | "apiKey" | "keyName"> {
  /**
   * A value, or a function or effect that is asked before every issue call, or two of them that overlap during a
   * rotation; by default the environment's `DEEPLY_API_KEY`.
   */
  readonly apiKey?: TokenKeepOptions["apiKey"] | undefined
  /** By default the environment's `DEEPLY_HOST`, else {@link cloud}. */
  readonly host?: Host | string | URL | undefined
}

/** The options with everything decided that the user left open; throws `CONFIG_INVALID` or `INSECURE_ORIGIN`. */
export const keepOptions = (options: DeeplyOptions): TokenKeepOptions & { readonly host: Host } => {
  const host = hostOf(options.host)
  return {
    ...options,
    host,
    fallbackStorage: options.fallbackStorage ?? defaultFallback,
    apiKey: options.apiKey ?? apiKeyFromEnvironment("DEEPLY_API_KEY"),
    provider: deeplyProvider(host)
  }
}

/** Wrong options are failures of the layer, not defects. */
const optionsChecked = (options: DeeplyOptions) =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(keepOptions(options))
    } catch (error) {
      return isAuthError(error) ? Effect.fail(error) : Effect.die(error)
    }
  })

type Services = Deeply | TokenManager | AuthorizedClient

/**
 * The Deeply API as an Effect service.
 *
 * @example
 * ```ts
 * import { Deeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import * as Effect from "effect/Effect"
 *
 * await using server = await startFakeDeeply()
 * const program = Effect.gen(function* () {
 *   const deeply = yield* Deeply
 *   const response = yield* deeply.request("/api/v1/events?size=1")
 *   return response.status
 * })
 * const layer = Deeply.layerDefault({ apiKey: server.apiKey, host: server.host })
 * console.log(await Effect.runPromise(Effect.provide(program, layer))) // => 200
 * ```
 */
export class Deeply extends Context.Service<
  Deeply,
  {
    readonly host: Host
    /** See {@link AuthorizedClient}: a request whose authorization errors are typed failures. */
    readonly request: AuthorizedClient["Service"]["request"]
    /** A drop-in for the platform's fetch. */
    readonly fetch: typeof globalThis.fetch
  }
>()("@tokenkeep/deeply/Deeply") {
  /**
   * Deeply over a transport and a storage of your choice. Fails to build with `CONFIG_INVALID` or `INSECURE_ORIGIN`.
   *
   * @example
   * ```ts
   * import { Deeply } from "@tokenkeep/deeply"
   * import { MemoryStorage } from "@tokenkeep/storage-memory"
   * import { FetchTransport } from "@tokenkeep/transport-fetch"
   * import * as Effect from "effect/Effect"
   * import * as Layer from "effect/Layer"
   *
   * const layer = Deeply.layer({ apiKey: "sk-live-2f6c1d", host: "cloud" }).pipe(
   *   Layer.provide([FetchTransport.layer(), MemoryStorage.layer()])
   * )
   * const name = Deeply.use((deeply) => Effect.succeed(deeply.host.name))
   * console.log(await Effect.runPromise(Effect.provide(name, layer))) // => cloud
   * ```
   */
  static readonly layer = (options: DeeplyOptions = {}): Layer.Layer<Services, AuthError, Transport | TokenStorage> =>
    Layer.unwrap(
      Effect.map(optionsChecked(options), (decided) =>
        Layer.effect(
          Deeply,
          Effect.map(AuthorizedClient, ({ fetch, request }) => ({ host: decided.host, fetch, request }))
        ).pipe(Layer.provideMerge(tokenKeepLayer(decided)))
      )
    )

  /**
   * The same over the platform's fetch and a memory of its own: it needs nothing else.
   *
   * @example
   * ```ts
   * import { Deeply } from "@tokenkeep/deeply"
   * import * as Effect from "effect/Effect"
   *
   * const host = Deeply.use((deeply) => Effect.succeed(deeply.host.baseUrl))
   * const layer = Deeply.layerDefault({ apiKey: "sk-live-2f6c1d", host: "edge:192.0.2.7" })
   * console.log(await Effect.runPromise(Effect.provide(host, layer))) // => http://192.0.2.7:8100
   * ```
   */
  static readonly layerDefault = (options: DeeplyOptions = {}): Layer.Layer<Services, AuthError> =>
    Deeply.layer(options).pipe(Layer.provide([defaultTransport, defaultStorage()]))
}
