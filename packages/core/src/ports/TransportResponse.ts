/**
 * What a transport returns; every status is a value.
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
