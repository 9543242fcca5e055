import type { Transport, TransportResponse } from "../Transport.ts"

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

const causeOf = (error: unknown): Error | undefined =>
  error instanceof TypeError && error.cause instanceof Error ? error.cause : undefined

const answered = (response: Response): TransportResponse => new FetchResponse(response)

const recovered = (error: unknown): TransportResponse => {
  const cause = causeOf(error)
  // Some releases of Node's fetch reject when the answer to a request with a stream is a 401, instead of answering it.
  if (cause?.message === "expected non-null body source") return answered(new Response(null, { status: 401 }))
  // What a parser could not read is in its error, and may be an echo of the token (SEC-1).
  if (cause?.name === "HTTPParserError") Reflect.deleteProperty(cause, "data")
  throw error
}

/** A transport over a function with fetch's shape. */
export const fetchTransport = (send: (url: string, init: RequestInit) => Promise<Response>): Transport["Service"] => ({
  send: (url, init) => send(url, init).then(answered, recovered),
  hops: hops()
})
