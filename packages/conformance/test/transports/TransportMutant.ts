import { Transport, type TransportResponse } from "@tokenkeep/core"
import * as Layer from "effect/Layer"

/** An adapter that is wrong on purpose, and the laws that tell. */
export interface TransportMutant {
  readonly mistake: string
  readonly layer: Layer.Layer<Transport>
  readonly caughtBy: ReadonlyArray<string>
}

export type Send = (url: string, init: RequestInit) => Promise<Response>

type Service = Transport["Service"]

/** Makes a wrong adapter of a right one, by what it sends. */
export const sending = (change: (send: Send) => Send): Layer.Layer<Transport> =>
  Layer.sync(Transport, () => Transport.fromFetch(change(fetch)))

/** Makes a wrong adapter of a right one, by what it answers. */
export const answering = (
  change: (response: TransportResponse) => TransportResponse | Promise<TransportResponse>
): Layer.Layer<Transport> =>
  Layer.sync(Transport, (): Service => {
    const { hops, send } = Transport.fromFetch(fetch)
    return { hops, send: (url, init) => send(url, init).then(change) }
  })

/** A platform's response, answered as it is. */
export const answerOf = (response: Response): TransportResponse => ({
  status: response.status,
  headers: response.headers,
  body: response.body,
  toResponse: () => response
})

/** A response with another body, as a careless adapter would make it. */
export const rebodied = (response: Response, body: BodyInit | null): Response =>
  new Response([204, 205, 304].includes(response.status) ? null : body, response)

/** A body that is a stream whatever it was. */
export const streamed = (
  init: RequestInit,
  change: (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => BodyInit
): RequestInit => {
  const { body } = new Request("http://x.test/", {
    method: "POST",
    ...init,
    body: init.body ?? null,
    duplex: "half"
  } as RequestInit)
  return body === null ? init : ({ ...init, body: change(body), duplex: "half" } as RequestInit)
}
