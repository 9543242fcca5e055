import { Transport, type TransportResponse } from "../../src/index.ts"

/** One request that reached the transport, and the means to answer it. */
export interface Call {
  readonly url: string
  readonly init: RequestInit
  readonly authorization: string | undefined
  readonly answer: (response: Response) => void
  readonly fail: (error: unknown) => void
}

/** What a script does with the call of that number (from 0): answers it, or nothing, and then the test does. */
export type Script = (call: Call, index: number) => Response | Promise<Response> | undefined

const answered = (response: Response): TransportResponse => ({
  status: response.status,
  headers: response.headers,
  body: response.body,
  toResponse: () => response
})

/** A transport without a network: it keeps every call, obeys the abort signal and answers as it is told. */
export const scriptedTransport = (script: Script = () => undefined) => {
  const calls: Array<Call> = []
  const send = (url: string, init: RequestInit): Promise<TransportResponse> => {
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    init.signal?.addEventListener("abort", () => reject(init.signal?.reason), { once: true })
    const authorization = new Headers(init.headers).get("authorization") ?? undefined
    const call: Call = { url, init, authorization, answer: resolve, fail: reject }
    calls.push(call)
    const response = script(call, calls.length - 1)
    if (response !== undefined) resolve(response)
    return promise.then(answered)
  }
  return { calls, service: Transport.of({ hops: "visible", send }) }
}

export const tokenResponse = (token: string, expiresAt?: number): Response => Response.json({ token, expiresAt })

/** Answers `token-1`, `token-2`, … as fast as it can; each lives that long from now, if it is told. */
export const tokens: Script = (_, index) => tokenResponse(`token-${index + 1}`)

/** The same, and each lives for so many milliseconds. */
export const lasting =
  (lifetime: number): Script =>
  (_, index) =>
    Response.json({ token: `token-${index + 1}`, lifetime })

export const status = (code: number, init: ResponseInit = {}): Response => new Response("", { ...init, status: code })
