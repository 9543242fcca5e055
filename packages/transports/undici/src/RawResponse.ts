/**
 * The parts of a response as the server sent them, for a program that passes them on, such as a proxy.
 *
 * @example
 * ```ts
 * import type { RawResponse } from "@tokenkeep/transport-undici"
 *
 * const empty: RawResponse = { status: 204, statusText: "No Content", headers: ["ETag", '"1"'], chunks: undefined }
 * console.log(empty.headers.length / 2) // => 1
 * ```
 */
export interface RawResponse {
  readonly status: number
  readonly statusText: string
  /** Names and values in turn, repeated names included. Bytes outside of ASCII are Latin-1. */
  readonly headers: ReadonlyArray<string>
  /**
   * The body, not decoded; absent if there is none. Read it to the end, or call `return()`, which closes the connection.
   * Rejects as the body of a `Response` does.
   */
  readonly chunks: AsyncIterableIterator<Uint8Array, undefined> | undefined
}
