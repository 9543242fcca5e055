import { checkOptions, ofType, Transport } from "@tokenkeep/core"
import * as Layer from "effect/Layer"

/**
 * The options of {@link FetchTransport}.
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
  /**
   * The function that sends each request. Default: the global `fetch`, looked up at each request. It receives the API key
   * and the tokens, so pass only code that you trust.
   */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined
}

const layer = (options: FetchTransportOptions = {}): Layer.Layer<Transport> => {
  checkOptions(options, { fetch: ofType("function") })
  return Layer.sync(Transport, () => Transport.fromFetch((url, init) => (options.fetch ?? fetch)(url, init)))
}

/**
 * A transport that sends requests with the platform's `fetch`, in Node, Deno, Bun, workers and browsers.
 *
 * Pass `FetchTransport.layer({ fetch })` to send with another function of the same signature, for example one that uses
 * a proxy. Every status resolves, also 401 and 500. If `fetch` rejects, the request rejects with the same error.
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
