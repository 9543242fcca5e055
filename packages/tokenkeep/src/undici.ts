import { UndiciTransport as Undici, type UndiciTransportOptions } from "@tokenkeep/transport-undici"
import { type Transport, transports } from "./FetchTransport.ts"

export type { UndiciTransportOptions }

/**
 * Sends requests with undici: through its own `Agent`, or through a `ProxyAgent`, `Pool` or other dispatcher that you pass.
 * Needs the package `undici`.
 *
 * @example
 * ```ts
 * import { createDeeply } from "tokenkeep"
 * import { startFakeDeeply } from "tokenkeep/testing"
 * import { UndiciTransport } from "tokenkeep/undici"
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({
 *   apiKey: server.apiKey,
 *   host: server.host,
 *   transport: UndiciTransport.layer()
 * })
 * console.log((await deeply.fetch("/api/v1/events")).status) // => 200
 * ```
 */
export const UndiciTransport = {
  layer: (options?: UndiciTransportOptions): Transport => transports.hide(Undici.layer(options))
}
