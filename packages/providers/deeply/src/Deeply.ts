import {
  type AuthError,
  AuthorizedClient,
  TokenManager,
  tokenKeepLayer,
  type TokenStorage,
  type Transport
} from "@tokenkeep/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { EffectCollection } from "./Collection.ts"
import { makeDeeplyApi } from "./DeeplyApi.ts"
import type { DeeplyEvent, EventQuery } from "./DeeplyEvent.ts"
import type { DeeplyMic, MicQuery } from "./DeeplyMic.ts"
import { type DeeplyOptions, keepOptions } from "./DeeplyOptions.ts"
import { defaultStorage, defaultTransport } from "./defaultAdapters.ts"
import type { Host } from "./Host.ts"
import { decided } from "./internal/decided.ts"
import { effectCollection } from "./internal/effectCollection.ts"
import { eventQuery, micQuery } from "./internal/query.ts"

type Services = Deeply | TokenManager | AuthorizedClient

const make = Effect.fnUntraced(function* (host: Host, options: DeeplyOptions) {
  const { fetch, request } = yield* AuthorizedClient
  const api = yield* makeDeeplyApi(options)
  const events = effectCollection(api, "events", eventQuery)
  const mics = effectCollection(api, "mics", micQuery)
  return Deeply.of({ host, events, mics, fetch, request })
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
    /** What the microphones heard. */
    readonly events: EffectCollection<DeeplyEvent, EventQuery>
    readonly mics: EffectCollection<DeeplyMic, MicQuery>
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
      Effect.map(
        Effect.suspend(() => decided(() => keepOptions(options))),
        (known) => Layer.effect(Deeply, make(known.host, options)).pipe(Layer.provideMerge(tokenKeepLayer(known)))
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
