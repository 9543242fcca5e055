import { badRequest, hookFailed } from "./responses.ts"
import { ConnectionReset } from "../faults/faultResponse.ts"
import type { FakeDeeply } from "../FakeDeeply.ts"

interface Socket {
  destroy(): unknown
  resetAndDestroy?(): unknown
}

/** @internal The part of a `node:http` request that is used; Node, Deno and Bun have it. */
export interface Incoming extends AsyncIterable<unknown> {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  resume(): unknown
}

/** @internal The part of a `node:http` response that is used. */
export interface Outgoing {
  readonly socket: Socket | null
  readonly destroyed: boolean
  writeHead(status: number, headers: Record<string, string | string[]>): unknown
  flushHeaders(): void
  write(chunk: Uint8Array): boolean
  end(): unknown
  once(event: "drain" | "close", listener: () => void): unknown
  off(event: "drain" | "close", listener: () => void): unknown
}

/** @internal Handles one HTTP request, up to the last byte of its response. */
export const handleHttp = async (
  fake: FakeDeeply,
  server: ServerInfo,
  from: Incoming,
  to: Outgoing,
  stop: AbortController
) => {
  try {
    const response = await responseTo(fake, toRequest(server.url, from, stop.signal))
    await send(response, to, server.now(), from.method === "HEAD", stop.signal)
  } catch {
    // A fault reset the connection, a scripted body failed, or the client disconnected.
    reset(to)
  }
}

/** @internal The base URL and the clock of the server. */
export interface ServerInfo {
  readonly url: string
  /** Epoch milliseconds. */
  readonly now: () => number
}

const responseTo = async (fake: FakeDeeply, request: Request | undefined): Promise<Response> => {
  if (request === undefined) return badRequest()
  try {
    return await fake.handle(request)
  } catch (error) {
    if (error instanceof ConnectionReset || request.signal.aborted) throw error
    return hookFailed(error)
  }
}

/** Returns `undefined` for a URL of another server, or a method that the platform forbids. */
const toRequest = (base: string, from: Incoming, signal: AbortSignal): Request | undefined => {
  const method = from.method ?? "GET"
  const hasNoBody = method === "GET" || method === "HEAD"
  if (hasNoBody) from.resume()
  try {
    const rest = hasNoBody ? {} : { body: requestBody(from), duplex: "half" }
    return new Request(base + (from.url ?? "/"), { method, headers: requestHeaders(from), signal, ...rest })
  } catch {
    return undefined
  }
}

const requestHeaders = (from: Incoming): Headers => {
  const headers = new Headers()
  for (const [name, value] of Object.entries(from.headers))
    for (const each of typeof value === "string" ? [value] : (value ?? [])) headers.append(name, each)
  return headers
}

const requestBody = (from: Incoming): ReadableStream<Uint8Array> => {
  const chunks = from[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await chunks.next()
      if (next.done === true) controller.close()
      else controller.enqueue(next.value as Uint8Array)
    }
  })
}

/** Sets `Date` from the fake server's clock. */
const responseHeaders = (headers: Headers, now: number): Record<string, string | string[]> => {
  const head: Record<string, string | string[]> = { date: new Date(now).toUTCString() }
  headers.forEach((value, name) => (head[name] = value))
  const cookies = headers.getSetCookie()
  return cookies.length > 0 ? { ...head, "set-cookie": cookies } : head
}

const send = async (response: Response, to: Outgoing, now: number, hasNoBody: boolean, signal: AbortSignal) => {
  to.writeHead(response.status, responseHeaders(response.headers, now))
  const contentLength = Number(response.headers.get("content-length") ?? Number.NaN)
  // A body of unknown length may take long, so the headers are sent first.
  if (response.body !== null && Number.isNaN(contentLength)) to.flushHeaders()
  const sent = await pump(response.body, to, signal)
  // Without a reset, the client would wait forever for the rest of the announced length.
  if (!hasNoBody && sent < contentLength) reset(to)
  else to.end()
}

const pump = async (body: ReadableStream<Uint8Array> | null, to: Outgoing, signal: AbortSignal): Promise<number> => {
  if (body === null) return 0
  const reader = body.getReader()
  const cancel = () => void reader.cancel(signal.reason).catch(() => {})
  signal.addEventListener("abort", cancel)
  let sent = 0
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      sent += next.value.byteLength
      if (!to.write(next.value)) await drained(to, signal)
    }
  } finally {
    signal.removeEventListener("abort", cancel)
  }
  return sent
}

const drained = (to: Outgoing, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      to.off("drain", done)
      to.off("close", done)
      resolve()
    }
    to.once("drain", done)
    to.once("close", done)
  })

/** Sends a TCP reset if the runtime supports it; otherwise closes the connection. */
const reset = (to: Outgoing) => {
  const { socket } = to
  if (socket?.resetAndDestroy === undefined) socket?.destroy()
  else socket.resetAndDestroy()
}
