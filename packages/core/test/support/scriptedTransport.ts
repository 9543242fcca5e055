import { Transport, type TransportResponse } from "../../src/index.ts"

/** One request that reached the transport, and the means to respond to it. */
export interface Call {
  readonly url: string
  readonly init: RequestInit
  readonly authorization: string | undefined
  readonly respond: (response: Response) => void
  readonly fail: (error: unknown) => void
}

/** What happens to the request of this number (from 0): a response, or none, and then the test responds. */
export type Script = (call: Call, index: number) => Response | Promise<Response> | undefined

const toTransportResponse = (response: Response): TransportResponse => ({
  status: response.status,
  headers: response.headers,
  body: response.body,
  toResponse: () => response
})

/** A transport without a network: it records every request, obeys the abort signal, and responds as the script says. */
export const scriptedTransport = (script: Script = () => undefined) => {
  const calls: Array<Call> = []
  const send = (url: string, init: RequestInit): Promise<TransportResponse> => {
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    init.signal?.addEventListener("abort", () => reject(init.signal?.reason), { once: true })
    const authorization = new Headers(init.headers).get("authorization") ?? undefined
    const call: Call = { url, init, authorization, respond: resolve, fail: reject }
    calls.push(call)
    const response = script(call, calls.length - 1)
    if (response !== undefined) resolve(response)
    return promise.then(toTransportResponse)
  }
  return { calls, service: Transport.of({ redirects: "visible", send }) }
}

export const tokenResponse = (token: string, expiresAt?: number): Response => Response.json({ token, expiresAt })

/** Responds with `token-1`, `token-2`, … at once. */
export const tokens: Script = (_, index) => tokenResponse(`token-${index + 1}`)

/** The same, with a lifetime in milliseconds. */
export const tokensWithLifetime =
  (lifetime: number): Script =>
  (_, index) =>
    Response.json({ token: `token-${index + 1}`, lifetime })

export const status = (code: number, init: ResponseInit = {}): Response => new Response("", { ...init, status: code })
