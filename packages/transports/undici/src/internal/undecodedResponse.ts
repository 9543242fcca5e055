import type { TransportResponse } from "@tokenkeep/core"
import type { Head, IncomingResponse } from "./IncomingResponse.ts"
import { UndiciResponse } from "./UndiciResponse.ts"

/**
 * A response whose body the caller gets as it was sent. Core reads `body`, to learn why a request was rejected and to get
 * tokens, so that is decoded.
 */
export const undecodedResponse = (url: string, head: Head, incoming: IncomingResponse): TransportResponse => {
  const response = new UndiciResponse(url, head, incoming, { decode: false })
  let decoded: UndiciResponse | undefined
  return {
    status: head.status,
    get headers() {
      return response.headers
    },
    get body() {
      return (decoded ??= new UndiciResponse(url, head, incoming, { decode: true })).body
    },
    toResponse: () => response
  }
}
