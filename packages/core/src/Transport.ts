import * as Context from "effect/Context"
import { fetchTransport } from "./internal/fetchTransport.ts"

/**
 * What a transport answers; the status is a value, whatever it is.
 *
 * @example
 * ```ts
 * import type { TransportResponse } from "@tokenkeep/core"
 *
 * const platform = new Response("ok")
 * const response: TransportResponse = {
 *   status: platform.status,
 *   headers: platform.headers,
 *   body: platform.body,
 *   toResponse: () => platform
 * }
 * console.log(response.status) // => 200
 * ```
 */
export interface TransportResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: ReadableStream<Uint8Array> | null
  /** The response as the platform's own type, for the caller of `fetch`. */
  readonly toResponse: () => Response
}

/**
 * PORT: how bytes travel. One function, no policy: it never retries, renews or reads tokens.
 *
 * It answers a promise and not an Effect, because a request on a fresh token enters no runtime (TOK-1).
 *
 * @example
 * ```ts
 * import { Transport } from "@tokenkeep/core"
 *
 * const canned = Transport.of({
 *   hops: "visible",
 *   send: async () => {
 *     const response = new Response("hello")
 *     return { status: 200, headers: response.headers, body: response.body, toResponse: () => response }
 *   }
 * })
 * console.log((await canned.send("https://api.example.test/", {})).status) // => 200
 * ```
 */
export class Transport extends Context.Service<
  Transport,
  {
    /**
     * Sends one request and resolves with its answer, or rejects with the transport's own error, which must not hold
     * the request's `Authorization`. `init.redirect` and `init.signal` must be obeyed.
     */
    readonly send: (url: string, init: RequestInit) => Promise<TransportResponse>
    /**
     * Whether `redirect: "manual"` shows status and `Location` (`"hidden"` in browsers). Where it does, hops are followed
     * by core, and `send` is never told to follow them.
     */
    readonly hops: "visible" | "hidden"
  }
>()("@tokenkeep/core/Transport") {
  /**
   * A transport over a function with fetch's shape; what it rejects with is passed on as it is.
   *
   * @example
   * ```ts
   * import { Transport } from "@tokenkeep/core"
   *
   * const { send } = Transport.fromFetch(async (url) => new Response(`asked for ${url}`, { status: 404 }))
   * const response = await send("https://api.example.test/", {})
   * console.log(response.status, await response.toResponse().text()) // => 404 asked for https://api.example.test/
   * ```
   */
  static readonly fromFetch = (send: (url: string, init: RequestInit) => Promise<Response>): Transport["Service"] =>
    fetchTransport(send)
}
