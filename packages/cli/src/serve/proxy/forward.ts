import type { TokenKeep } from "@tokenkeep/core"
import { UndiciTransport } from "@tokenkeep/transport-undici"
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http"
import type { Socket } from "node:net"
import type { Dispatcher } from "undici"
import { refuse } from "../checks/Refusal.ts"
import { makeExactHeaders } from "./exactHeaders.ts"
import { hasTransferCoding, lengthOf, requestHeaders, responseHeaders } from "./forwardedHeaders.ts"
import type { Share } from "./replayMemory.ts"
import { bodyOf } from "./requestBody.ts"
import { sendBody } from "./sendBody.ts"
import { upstreamRefusal } from "./upstreamErrors.ts"

/** How a request ended. The caller may end it before the sidecar does. */
export type Outcome = "served" | "failed" | "aborted"

/** What forwarding needs. */
export interface Forwarding {
  readonly client: Pick<TokenKeep, "baseUrl" | "fetch">
  /** What the transport of the client sends through. */
  readonly dispatcher: Dispatcher
  /** For bodies that are kept for a replay. */
  readonly memory: () => Share
  readonly now: () => number
}

/** One for each connection: with HTTP/1.1, a caller ends a request by closing its connection. */
const abortSignals = new WeakMap<Socket, AbortSignal>()

/** The signal that aborts the requests of a connection when it closes. */
const signalOf = (socket: Socket): AbortSignal => {
  const known = abortSignals.get(socket)
  if (known !== undefined) return known
  const stop = new AbortController()
  abortSignals.set(socket, stop.signal)
  socket.once("close", () => stop.abort())
  return stop.signal
}

/** A reason that Node would not send, such as one in UTF-8, is replaced: callers go by the status. */
const reasonOf = (status: number, text: string): string =>
  /^[\t\x20-\x7e\x80-\xff]*$/.test(text) ? text : (STATUS_CODES[status] ?? "")

/** The caller must see that the body is cut off, whatever its framing. A Unix socket, which has no address, has no reset. */
const cutOff = (socket: Socket): unknown =>
  socket.remoteAddress === undefined ? socket.destroy() : socket.resetAndDestroy()

/** Forwards one request to the API with the token, and its response to the caller. */
export const makeForward = ({ client, dispatcher, memory, now }: Forwarding) => {
  const { origin } = new URL(client.baseUrl)
  const dispatcherFor = makeExactHeaders(dispatcher)

  /** Sends the request with the token. Redirects are for the caller. */
  const send = async (request: IncomingMessage, path: string, signal: AbortSignal, share: Share) => {
    const { headers: received, method = "GET", rawHeaders } = request
    const headers = requestHeaders(rawHeaders, received.connection)
    const reading = bodyOf(request, share)
    const body = reading instanceof Promise ? await reading : reading
    const length = received["content-length"]
    if (body !== undefined && !(body instanceof Uint8Array) && length !== undefined) headers["content-length"] = length
    const init = { method, headers, redirect: "manual", signal, dispatcher: dispatcherFor(headers) } as RequestInit
    const response = await client.fetch(
      path,
      body === undefined ? init : { ...init, body: body as Uint8Array<ArrayBuffer> }
    )
    const raw = UndiciTransport.raw(response)
    if (raw === undefined) throw new TypeError("The client of a sidecar needs the transport that it gets.")
    return raw
  }

  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<Outcome> => {
    const signal = signalOf(request.socket)
    const share = memory()
    try {
      const { chunks, headers, status, statusText } = await send(request, path, signal, share).finally(share.release)
      if (hasTransferCoding(headers)) {
        await chunks?.return?.()
        throw Object.assign(new Error("The response has a transfer coding."), { code: "TRANSFER_CODING_UNKNOWN" })
      }
      const kept = responseHeaders(headers)
      response.writeHead(status, reasonOf(status, statusText), kept)
      if (chunks === undefined) response.end()
      else await sendBody(response, chunks, lengthOf(kept))
      return response.closed && !response.writableFinished ? "aborted" : "served"
    } catch (error) {
      if (signal.aborted) return "aborted"
      if (response.headersSent) cutOff(request.socket)
      else refuse(response, upstreamRefusal(error, origin), now())
      return "failed"
    }
  }
}
