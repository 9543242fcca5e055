import * as Effect from "effect/Effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { brotliCompressSync, constants, gzipSync } from "node:zlib"
import { type Checks, ensureEqual } from "../checks.ts"
import { platformSend } from "./assertions.ts"
import type { TransportFixture } from "./fixture.ts"

const kibibyte = 1024

/** Around the sizes of the buffers of clients and sockets, and beyond them. */
const sizes = [
  0,
  1,
  ...[-1, 0, 1].map((more) => 64 * kibibyte + more),
  ...[-1, 0, 1].map((more) => 128 * kibibyte + more),
  2 * kibibyte * kibibyte
]

/** A JSON text of this many bytes that hardly compresses, and is the same in every run; below 2 bytes, a digit. */
const textOfSize = (size: number): Buffer => {
  const bytes = Buffer.alloc(size)
  for (let index = 0, state = 1; index < size; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[index] = 48 + (state >>> 28)
  }
  if (size > 1) bytes[0] = bytes[size - 1] = '"'.charCodeAt(0)
  return bytes
}

type Send = (body: Buffer, response: ServerResponse, request: IncomingMessage) => void

const encodedAs = (coding: string, encode: (body: Buffer) => Uint8Array): Send => {
  const encoded = new WeakMap<Buffer, Uint8Array>()
  return (body, response, request) => {
    if (!String(request.headers["accept-encoding"]).includes(coding)) return response.end(body)
    const bytes = encoded.get(body) ?? encode(body)
    encoded.set(body, bytes)
    return response.setHeader("content-encoding", coding).end(bytes)
  }
}

const framings: Readonly<Record<string, Send>> = {
  "content-length": (body, response) => response.setHeader("content-length", body.length).end(body),
  chunks: (body, response) => {
    response.write(body.subarray(0, body.length / 2))
    response.end(body.subarray(body.length / 2))
  },
  gzip: encodedAs("gzip", (body) => gzipSync(body, { level: 1 })),
  br: encodedAs("br", (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })),
  "the end of the connection": (body, _, { socket }) => {
    socket.write("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
    socket.end(body)
  }
}

const toBytes = (buffer: ArrayBuffer): Uint8Array => new Uint8Array(buffer)

type Bytes = ReadableStream<Uint8Array>

const collect = async (stream: Bytes): Promise<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Reads with a reader of either kind. */
const readWith = async (read: () => Promise<{ readonly value?: Uint8Array | undefined; readonly done: boolean }>) => {
  const chunks: Array<Uint8Array> = []
  for (;;) {
    const { done, value } = await read()
    if (done) return Buffer.concat(chunks)
    if (value !== undefined) chunks.push(value.slice())
  }
}

/** Reads two copies of a body at the same time. */
const both = async (reading: ReadonlyArray<Promise<Uint8Array>>): Promise<Uint8Array> => {
  const [one = new Uint8Array(), other = new Uint8Array()] = await Promise.all(reading)
  if (!Buffer.from(one).equals(other)) throw new Error("the two copies are not the same")
  return one
}

const bodyOf = ({ body }: Response): Bytes => {
  if (body === null) throw new Error("the response has no body")
  return body
}

/** Undefined if it is not a byte stream: some platforms and libraries have none. */
const byobReaderOf = (stream: Bytes): ReadableStreamBYOBReader | undefined => {
  try {
    return stream.getReader({ mode: "byob" })
  } catch {
    return undefined
  }
}

const reads: Readonly<Record<string, (response: Response) => Promise<Uint8Array>>> = {
  "text()": async (response) => Buffer.from(await response.text()),
  "json()": async (response) => {
    const value: unknown = await response.json()
    return Buffer.from(typeof value === "string" ? `"${value}"` : String(value))
  },
  "arrayBuffer()": async (response) => toBytes(await response.arrayBuffer()),
  "blob()": async (response) => toBytes(await (await response.blob()).arrayBuffer()),
  "bytes()": (response) => response.bytes(),
  "clone()": (response) => both([response.clone(), response].map((copy) => copy.arrayBuffer().then(toBytes))),
  "tee()": (response) => both(bodyOf(response).tee().map(collect)),
  "for await": (response) => collect(bodyOf(response)),
  "pipeThrough()": (response) => collect(bodyOf(response).pipeThrough(new TransformStream())),
  "new Response()": async (response) => toBytes(await new Response(bodyOf(response), response).arrayBuffer()),
  "getReader()": (response) => {
    const reader = bodyOf(response).getReader()
    return readWith(() => reader.read())
  },
  'getReader({ mode: "byob" })': (response) => {
    const stream = bodyOf(response)
    const reader = byobReaderOf(stream)
    return reader === undefined ? collect(stream) : readWith(() => reader.read(new Uint8Array(30_000)))
  }
}

/** Whether all bytes arrived, or the name of the error. */
const outcomeOf = (
  fixture: Pick<TransportFixture, "send">,
  url: string,
  read: (response: Response) => Promise<Uint8Array>,
  expected: Buffer
) =>
  Effect.flatMap(fixture.send(url), (response) =>
    Effect.promise(() =>
      (async () => read(response.toResponse()))().then(
        (found) => (expected.equals(found) ? "complete" : `${found.byteLength} bytes, which are not those sent`),
        (error: unknown) => (error as Error).name
      )
    )
  )

export const bodies: Checks<TransportFixture> = {
  "body-sizes": {
    behaviour: "A body of any size, from none to 2 MiB, is complete in every framing and with every way to read it.",
    guarantees: ["REQ-6"],
    *check(fixture) {
      const texts = new Map(sizes.map((size) => [size, textOfSize(size)]))
      const { url } = yield* fixture.serve((request, response) => {
        const [framing = "", size] = decodeURIComponent(request.url ?? "")
          .slice(1)
          .split("?")
        framings[framing]?.(texts.get(Number(size)) ?? Buffer.alloc(0), response, request)
      })
      for (const framing of Object.keys(framings)) {
        for (const [size, body] of texts) {
          const address = `${url}${encodeURIComponent(framing)}?${size}`
          for (const [way, read] of Object.entries(reads)) {
            const outcome = yield* outcomeOf(fixture, address, read, body)
            if (outcome === "complete") continue
            // Not every platform has every way, and an empty text is no JSON.
            const usual = yield* outcomeOf({ send: platformSend }, address, read, body)
            yield* ensureEqual(`the result of ${way} on ${size} bytes framed by ${framing}`, outcome, usual)
          }
        }
      }
    }
  }
}
