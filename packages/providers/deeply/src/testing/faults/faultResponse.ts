import { isStream } from "./checkFault.ts"
import type { EndlessFault, Fault, FaultBody, RespondFault } from "./Fault.ts"
import { sleep, untilAborted } from "../abortable.ts"

/** @internal A `TypeError` as `fetch` throws it for a reset; the HTTP server recognises it by its class. */
export class ConnectionReset extends TypeError {
  constructor() {
    super("fetch failed", { cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }) })
    this.name = "TypeError"
  }
}

/** @internal The response of a fault; `undefined` if the server responds as usual. */
export const faultResponse = async (fault: Fault, signal: AbortSignal): Promise<Response | undefined> => {
  if (fault.reset !== undefined) throw new ConnectionReset()
  if (fault.hang !== undefined) return untilAborted(signal)
  if (fault.endless !== undefined) return endlessBody(fault, signal)
  if (fault.bytes !== undefined) return bodyOfSize(fault.bytes, fault, signal)
  if (fault.redirect !== undefined) return redirect(fault.redirect, fault.status)
  return fault.dropAuthorization === undefined && fault.status !== undefined ? respond(fault) : undefined
}

const respond = ({ status, body, headers }: RespondFault) => {
  if (body === undefined) return new Response(null, { status, ...(headers !== undefined && { headers }) })
  const [bytes, contentType] = encode(body)
  const all = new Headers(headers)
  if (contentType !== undefined && !all.has("content-type")) all.set("content-type", contentType)
  return new Response(bytes, { status, headers: all })
}

const encode = (body: FaultBody): readonly [NonNullable<RequestInit["body"]>, string?] => {
  if (typeof body === "string") return [body, "text/plain;charset=UTF-8"]
  // A copy, because the reader of a response may change its bytes, and the script may send them again. Bytes of another
  // realm are no instance of `Uint8Array`.
  if (ArrayBuffer.isView(body)) return [Uint8Array.from(body as Uint8Array)]
  if (isStream(body)) return [body]
  return [JSON.stringify(body), "application/json"]
}

const redirect = (location: string, status = 302) => new Response(null, { status, headers: { location } })

const binaryHeaders = (headers?: RequestInit["headers"]) => {
  const all = new Headers(headers)
  if (!all.has("content-type")) all.set("content-type", "application/octet-stream")
  return all
}

const spaces = (bytes: number) => new Uint8Array(bytes).fill(0x20)

/** Chunks are created on demand, so that an unread body needs no timer. */
const endlessBody = ({ status = 200, headers, chunk = 1_024, interval = 1 }: EndlessFault, signal: AbortSignal) => {
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: async (controller) => {
      await sleep(interval, signal)
      signal.throwIfAborted()
      controller.enqueue(spaces(chunk))
    }
  })
  return new Response(body, { status, headers: binaryHeaders(headers) })
}

const bodyOfSize = (bytes: number, { status = 200, headers }: Fault, signal: AbortSignal) => {
  let left = bytes
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      signal.throwIfAborted()
      const next = Math.min(left, 64 * 1024)
      left -= next
      if (next > 0) controller.enqueue(spaces(next))
      if (left === 0) controller.close()
    }
  })
  const all = binaryHeaders(headers)
  if (!all.has("content-length")) all.set("content-length", String(bytes))
  return new Response(body, { status, headers: all })
}
