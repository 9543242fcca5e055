import type { TransportResponse } from "@tokenkeep/core"
import type { Head, IncomingResponse } from "./IncomingResponse.ts"
import { UndiciResponse } from "./UndiciResponse.ts"

/**
 * A response whose body the caller gets as it was sent. Core reads `body`, to learn why a request was rejected and to get
 * tokens, so that is decoded.
 */
export class UndecodedResponse implements TransportResponse {
  readonly #url: string
  readonly #head: Head
  readonly #incoming: IncomingResponse
  readonly #response: UndiciResponse
  #decoded: UndiciResponse | undefined

  constructor(url: string, head: Head, incoming: IncomingResponse) {
    this.#url = url
    this.#head = head
    this.#incoming = incoming
    this.#response = new UndiciResponse(url, head, incoming, { decode: false })
  }

  get status(): number {
    return this.#head.status
  }

  get headers(): Headers {
    return this.#response.headers
  }

  get body(): ReadableStream<Uint8Array> | null {
    return (this.#decoded ??= new UndiciResponse(this.#url, this.#head, this.#incoming, { decode: true })).body
  }

  toResponse(): Response {
    return this.#response
  }
}
