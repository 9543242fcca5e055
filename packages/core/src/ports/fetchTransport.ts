import { invalidOption } from "../errors/optionChecks.ts"
import { withoutReceivedBytes } from "../errors/receivedBytes.ts"
import type { TransportResponse } from "./TransportResponse.ts"

/** A platform response in the shape of the port, without a copy. */
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

/** In browsers, `redirect: "manual"` gives an opaque response, which hides status and `Location`. */
const redirects = (): "visible" | "hidden" => {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } }
  // A test environment may add a document to Node, whose fetch shows redirects all the same.
  if (process?.versions?.node !== undefined) return "visible"
  return "document" in globalThis || "importScripts" in globalThis ? "hidden" : "visible"
}

/** By shape: a response may be of another realm or library. A mock may return anything. */
const toTransportResponse = (response: Partial<Response> | null | undefined): TransportResponse => {
  if (typeof response?.headers?.get === "function") return new FetchResponse(response as Response)
  throw invalidOption("fetch", `returned ${typeof response}, not a Response`, "Return a Response, or omit it.")
}

const recover = (error: unknown): TransportResponse => {
  // By name: in a test runner, the platform's errors may be of another realm.
  const { cause, name } = Object(error) as Partial<Error>
  // Some versions of Node's fetch reject when the response to a request with a stream body is a 401.
  if (name === "TypeError" && (Object(cause) as Partial<Error>).message === "expected non-null body source")
    return toTransportResponse(new Response(null, { status: 401 }))
  throw withoutReceivedBytes(error)
}

/** A transport over a function with fetch's signature. */
export const fetchTransport = (send: (url: string, init: RequestInit) => Promise<Response>) => ({
  send: (url: string, init: RequestInit): Promise<TransportResponse> =>
    send(url, init).then(toTransportResponse, recover),
  redirects: redirects()
})
