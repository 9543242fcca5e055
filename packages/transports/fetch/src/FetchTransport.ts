import { Transport, type TransportResponse } from "@tokenkeep/core"
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

/** A platform response as the port wants it, without a copy. */
class FetchResponse implements TransportResponse {
  readonly #response: Response
  constructor(response: Response) {
    this.#response = response
  }
  get status() {
    return this.#response.status
  }
  get headers() {
    return this.#response.headers
  }
  get body() {
    return this.#response.body
  }
  readonly toResponse = () => this.#response
}

/** Browsers answer `redirect: "manual"` with an opaque response: the hop cannot be seen there. */
const hops = (): "visible" | "hidden" => {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } }
  // A test environment may put a document into Node, whose fetch shows hops all the same.
  if (process?.versions?.node !== undefined) return "visible"
  return "document" in globalThis || "importScripts" in globalThis ? "hidden" : "visible"
}

/**
 * Some releases of Node's fetch reject when the answer to a request with a stream is a 401, instead of answering it.
 */
const isLost401 = (error: unknown): boolean =>
  error instanceof TypeError && error.cause instanceof Error && error.cause.message === "expected non-null body source"

const layer = (options: FetchTransportOptions = {}): Layer.Layer<Transport> =>
  Layer.sync(Transport, () => ({
    send: (url, init) => (options.fetch ?? fetch)(url, init).then(answered, recovered),
    hops: hops()
  }))

const answered = (response: Response): TransportResponse => new FetchResponse(response)

const recovered = (error: unknown): TransportResponse => {
  if (isLost401(error)) return answered(new Response(null, { status: 401 }))
  throw error
}

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
