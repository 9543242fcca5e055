import { Transport } from "@tokenkeep/core"
import * as Layer from "effect/Layer"

/**
 * What the fetch transport can be told.
 *
 * @example
 * ```ts
 * import type { FetchTransportOptions } from "@tokenkeep/transport-fetch"
 *
 * const options: FetchTransportOptions = { fetch: async () => new Response("canned") }
 * console.log(Object.keys(options).join()) // => fetch
 * ```
 */
export interface FetchTransportOptions {
  /** The function that sends; the platform's own by default, looked up at each call. */
  readonly fetch?: typeof globalThis.fetch | undefined
}

const layer = (options: FetchTransportOptions = {}): Layer.Layer<Transport> =>
  Layer.sync(Transport, () => Transport.fromFetch((url, init) => (options.fetch ?? fetch)(url, init)))

/**
 * The transport over the platform's fetch: in Node, Deno, Bun, workers and browsers.
 *
 * `FetchTransport.layer({ fetch })` takes another function with fetch's shape, for example one bound to a proxy agent.
 * Statuses are values; what fetch rejects with is passed on as it is.
 *
 * @example
 * ```ts
 * import { Transport } from "@tokenkeep/core"
 * import { FetchTransport } from "@tokenkeep/transport-fetch"
 * import * as Effect from "effect/Effect"
 *
 * const transport = FetchTransport.layer({ fetch: async () => new Response("canned", { status: 404 }) })
 * const send = Transport.use(({ send }) => Effect.promise(() => send("https://api.example.test/", {})))
 * console.log((await Effect.runPromise(Effect.provide(send, transport))).status) // => 404
 * ```
 */
export const FetchTransport = { layer }
