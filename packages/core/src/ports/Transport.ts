import * as Context from "effect/Context"
import { fetchTransport } from "./fetchTransport.ts"
import type { TransportResponse } from "./TransportResponse.ts"

/**
 * PORT: how requests are sent. One function without policy: it never retries, renews or reads tokens.
 *
 * It returns a promise and not an Effect, because a request with a cached token enters no runtime.
 *
 * @example
 * ```ts
 * import { Transport } from "@tokenkeep/core"
 *
 * const fixed = Transport.of({
 *   redirects: "visible",
 *   send: async () => {
 *     const response = new Response("hello")
 *     return { status: 200, headers: response.headers, body: response.body, toResponse: () => response }
 *   }
 * })
 * console.log((await fixed.send("https://api.example.test/", {})).status) // => 200
 * ```
 */
export class Transport extends Context.Service<
  Transport,
  {
    /**
     * Sends one request and resolves with its response, or rejects with the transport's own error, which must not
     * contain the request's `Authorization`. It must respect `init.redirect` and `init.signal`. A request with the header
     * `connection: close` should get a new connection, if the transport can choose: one that was kept may have ended.
     */
    readonly send: (url: string, init: RequestInit) => Promise<TransportResponse>
    /**
     * Whether `redirect: "manual"` shows status and `Location` (`"hidden"` in browsers). If so, core follows redirects,
     * and `send` never has to.
     */
    readonly redirects: "visible" | "hidden"
  }
>()("@tokenkeep/core/Transport") {
  /**
   * A transport over a function with fetch's signature; what it rejects with is passed on unchanged.
   *
   * @example
   * ```ts
   * import { Transport } from "@tokenkeep/core"
   *
   * const { send } = Transport.fromFetch(async (url) => new Response(`no ${url}`, { status: 404 }))
   * const response = await send("https://api.example.test/", {})
   * console.log(response.status, await response.toResponse().text()) // => 404 no https://api.example.test/
   * ```
   */
  static readonly fromFetch = (send: (url: string, init: RequestInit) => Promise<Response>): Transport["Service"] =>
    fetchTransport(send)
}
