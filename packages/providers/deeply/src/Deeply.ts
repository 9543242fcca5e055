import {
  AuthorizedClient,
  type TokenkeepError,
  tokenKeepLayer,
  type TokenManager,
  type TokenStorage,
  type Transport
} from "@tokenkeep/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { EffectCollection } from "./collections/EffectCollection.ts"
import { lazyEffectCollections } from "./collections/lazyEffectCollections.ts"
import { defaultStorage, defaultTransport } from "./defaultAdapters.ts"
import type { DeeplyEvent } from "./events/DeeplyEvent.ts"
import type { EventQuery } from "./events/EventQuery.ts"
import type { Host } from "./Host.ts"
import type { DeeplyMic } from "./mics/DeeplyMic.ts"
import type { MicQuery } from "./mics/MicQuery.ts"
import type { DeeplyOptions } from "./options/DeeplyOptions.ts"
import { resolveOptions } from "./options/resolveOptions.ts"
import { validate } from "./validation/validate.ts"

type Services = Deeply | TokenManager | AuthorizedClient

const make = Effect.fnUntraced(function* (host: Host, options: DeeplyOptions) {
  const { fetch, request } = yield* AuthorizedClient
  const services = yield* Effect.context<TokenManager | AuthorizedClient>()
  return Deeply.of({ host, ...lazyEffectCollections(options, Effect.succeed(services)), fetch, request })
})

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
 *   const { total_cnt } = yield* deeply.events.list({ size: 1 })
 *   const response = yield* deeply.request("/api/v1/events?size=1")
 *   return `${total_cnt} events, status ${response.status}`
 * })
 * const layer = Deeply.layerDefault({ apiKey: server.apiKey, host: server.host })
 * console.log(await Effect.runPromise(Effect.provide(program, layer))) // => 100 events, status 200
 * ```
 */
export class Deeply extends Context.Service<
  Deeply,
  {
    readonly host: Host
    /** The sounds that the microphones detected. */
    readonly events: EffectCollection<DeeplyEvent, EventQuery>
    readonly mics: EffectCollection<DeeplyMic, MicQuery>
    /** Sends an authorized request; 401, 403 and 429 responses are typed failures, see {@link AuthorizedClient}. */
    readonly request: AuthorizedClient["Service"]["request"]
    /** Sends an authorized request, with the signature and the behaviour of the platform's fetch. */
    readonly fetch: typeof globalThis.fetch
  }
>()("@tokenkeep/deeply/Deeply") {
  /**
   * Builds the service on a transport and a storage of your choice; fails with `CONFIG_INVALID`, `INSECURE_ORIGIN` or
   * `API_KEY_MALFORMED`.
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
  static readonly layer = (
    options: DeeplyOptions = {}
  ): Layer.Layer<Services, TokenkeepError, Transport | TokenStorage> =>
    Layer.unwrap(
      Effect.map(
        validate(() => resolveOptions(options)),
        ({ host, keep }) => Layer.effect(Deeply, make(host, options)).pipe(Layer.provideMerge(tokenKeepLayer(keep)))
      )
    )

  /**
   * Builds the service on the platform's fetch and the memory of this layer; fails as {@link Deeply.layer} does.
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
  static readonly layerDefault = (options: DeeplyOptions = {}): Layer.Layer<Services, TokenkeepError> =>
    Deeply.layer(options).pipe(Layer.provide([defaultTransport, defaultStorage()]))
}
