import { authorizedKy as authorize, KyTransport as Ky, type KyTransportOptions } from "@tokenkeep/transport-ky"
import type { KyInstance, Options } from "ky"
import { type Transport, transports } from "./FetchTransport.ts"

export type { KyTransportOptions }

/**
 * Sends requests with a ky instance, using its hooks, default headers and `fetch`. Its retries, timeouts, prefix and
 * `throwHttpErrors` are not used. Needs the package `ky`.
 *
 * @example
 * ```ts
 * import ky from "ky"
 * import { createDeeply } from "tokenkeep"
 * import { KyTransport } from "tokenkeep/ky"
 * import { startFakeDeeply } from "tokenkeep/testing"
 *
 * await using server = await startFakeDeeply()
 * const transport = KyTransport.layer({ ky: ky.create({ headers: { "x-app": "reports" } }) })
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host, transport })
 * console.log((await deeply.fetch("/api/v1/events")).status) // => 200
 * ```
 */
export const KyTransport = {
  layer: (options?: KyTransportOptions): Transport => transports.hide(Ky.layer(options))
}

/**
 * Makes a ky instance that adds the client's token to every request and sends the request again after a 401.
 *
 * Paths are below the client's base URL, unless `options` sets `prefix` or `baseUrl`. No `Request`, hook or error of ky
 * holds the token.
 *
 * @example
 * ```ts
 * import { createDeeply } from "tokenkeep"
 * import { authorizedKy } from "tokenkeep/ky"
 * import { startFakeDeeply } from "tokenkeep/testing"
 *
 * await using server = await startFakeDeeply()
 * await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
 * const api = authorizedKy(deeply, { retry: 2 })
 * const page = await api.get("api/v1/mics", { searchParams: { size: 1 } }).json<{ readonly size: number }>()
 * console.log(page.size) // => 1
 * ```
 */
export const authorizedKy: (client: Parameters<typeof authorize>[0], options?: Omit<Options, "fetch">) => KyInstance =
  authorize
