import { badRequest, hookFailed } from "./answers.ts"
import { ConnectionReset } from "./answerFault.ts"
import type { FakeDeeply } from "./FakeDeeply.ts"

interface Socket {
  destroy(): unknown
  resetAndDestroy?(): unknown
}

/** @internal What is used of a request of `node:http`, in Node, Deno and Bun alike. */
export interface Incoming extends AsyncIterable<unknown> {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  resume(): unknown
}

/** @internal What is used of a response of `node:http`. */
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

/** @internal One request over HTTP, from its arrival to the last byte of its answer. */
export const exchange = async (fake: FakeDeeply, base: Base, from: Incoming, to: Outgoing, stop: AbortController) => {
  try {
    const answer = await answerOf(fake, toRequest(base.url, from, stop.signal))
    await send(answer, to, base.now(), from.method === "HEAD", stop.signal)
  } catch {
    // A reset was asked for, the scripted body failed, or the client is gone: in each case the socket goes too.
    reset(to)
  }
}

/** @internal Where the server stands, and its clock (epoch milliseconds). */
export interface Base {
  readonly url: string
  readonly now: () => number
}

const answerOf = async (fake: FakeDeeply, request: Request | undefined): Promise<Response> => {
  if (request === undefined) return badRequest()
  try {
    return await fake.handle(request)
  } catch (error) {
    if (error instanceof ConnectionReset || request.signal.aborted) throw error
    return hookFailed(error)
  }
}

/** `undefined` where there is no such request: a foreign absolute URL, or a method that the platform forbids. */
const toRequest = (base: string, from: Incoming, signal: AbortSignal): Request | undefined => {
  const method = from.method ?? "GET"
  const bodiless = method === "GET" || method === "HEAD"
  if (bodiless) from.resume()
  try {
    const rest = bodiless ? {} : { body: streamOf(from), duplex: "half" }
    return new Request(base + (from.url ?? "/"), { method, headers: headersOf(from), signal, ...rest })
  } catch {
    return undefined
  }
}

const headersOf = (from: Incoming): Headers => {
  const headers = new Headers()
  for (const [name, value] of Object.entries(from.headers))
    for (const each of typeof value === "string" ? [value] : (value ?? [])) headers.append(name, each)
  return headers
}

const streamOf = (from: Incoming): ReadableStream<Uint8Array> => {
  const chunks = from[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await chunks.next()
      if (next.done === true) controller.close()
      else controller.enqueue(next.value as Uint8Array)
    }
  })
}

/** `Date` follows the fake's own clock. */
const headOf = (headers: Headers, now: number): Record<string, string | string[]> => {
  const head: Record<string, string | string[]> = { date: new Date(now).toUTCString() }
  headers.forEach((value, name) => (head[name] = value))
  const cookies = headers.getSetCookie()
  return cookies.length > 0 ? { ...head, "set-cookie": cookies } : head
}

const send = async (answer: Response, to: Outgoing, now: number, bodiless: boolean, signal: AbortSignal) => {
  to.writeHead(answer.status, headOf(answer.headers, now))
  const announced = Number(answer.headers.get("content-length") ?? Number.NaN)
  // A body of unknown length may be long in coming: the headers go ahead of it.
  if (answer.body !== null && Number.isNaN(announced)) to.flushHeaders()
  const sent = await pump(answer.body, to, signal)
  // The client still waits for the rest of an announced body: without this it would wait for ever.
  if (!bodiless && sent < announced) reset(to)
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

/** With RST where the runtime can, else the connection just ends. */
const reset = (to: Outgoing) => {
  const { socket } = to
  if (socket?.resetAndDestroy === undefined) socket?.destroy()
  else socket.resetAndDestroy()
}
