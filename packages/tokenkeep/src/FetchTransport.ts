import type { Transport as Port } from "@tokenkeep/core"
import { FetchTransport as Fetch, type FetchTransportOptions } from "@tokenkeep/transport-fetch"
import { opaque } from "./internal/opaque.ts"

declare const kind: unique symbol

/**
 * How requests are sent. {@link FetchTransport}, `tokenkeep/ky` and `tokenkeep/undici` make one.
 *
 * @example
 * ```ts
 * import { FetchTransport, type Transport } from "tokenkeep"
 *
 * const transport: Transport = FetchTransport.layer()
 * console.log(typeof transport) // => object
 * ```
 */
export interface Transport {
  readonly [kind]: "Transport"
}

/** The transports that this package made. */
export const transports = opaque<Port, Transport>(
  "transport",
  "Pass FetchTransport.layer({ fetch }), KyTransport.layer() of tokenkeep/ky or UndiciTransport.layer() of tokenkeep/undici."
)

/**
 * Sends requests with the `fetch` that you pass, or with the platform's.
 *
 * @example
 * ```ts
 * import { createDeeply, FetchTransport } from "tokenkeep"
 * import { createFakeDeeply } from "tokenkeep/testing"
 *
 * const server = createFakeDeeply()
 * const transport = FetchTransport.layer({ fetch: (input, init) => server.handle(new Request(input, init)) })
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: "https://deeply.test", transport })
 * console.log((await deeply.fetch("/api/v1/mics")).status) // => 200
 * ```
 */
export const FetchTransport = {
  layer: (options?: FetchTransportOptions): Transport => transports.hide(Fetch.layer(options))
}
