import { Buffer } from "node:buffer"
import type { RequestListener } from "node:http"
import { brotliCompressSync, constants, gzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { http } from "./support/servers.ts"
import { openTransport } from "./support/transports.ts"

const kibibyte = 1024

/** Around the sizes at which undici pauses a connection, and beyond them. */
const sizes = [
  0,
  1,
  64 * kibibyte - 1,
  64 * kibibyte,
  64 * kibibyte + 1,
  128 * kibibyte - 1,
  128 * kibibyte,
  128 * kibibyte + 1,
  2 * kibibyte * kibibyte
]

/** ASCII that hardly compresses, and is the same in every run. */
const bodyOf = (size: number): Buffer => {
  let state = 1
  return Buffer.from(
    Uint8Array.from({ length: size }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return state >>> 25
    })
  )
}

type Send = (body: Buffer) => RequestListener

const encodedAs =
  (coding: string, encode: (body: Buffer) => Buffer): Send =>
  (body) =>
  (_, response) =>
    response.setHeader("content-encoding", coding).end(encode(body))

const framings: Readonly<Record<string, Send>> = {
  "content-length": (body) => (_, response) => response.setHeader("content-length", body.length).end(body),
  chunked: (body) => (_, response) => {
    response.write(body.subarray(0, body.length / 2))
    response.end(body.subarray(body.length / 2))
  },
  gzip: encodedAs("gzip", gzipSync),
  br: encodedAs("br", (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })),
  "close-delimited": (body) => (request) => {
    request.socket.write("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
    request.socket.end(body)
  }
}

const collectChunks = async (stream: ReadableStream<Uint8Array> | null): Promise<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  for await (const chunk of stream ?? []) chunks.push(chunk)
  return Buffer.concat(chunks)
}

type Read = (response: Response) => Promise<Uint8Array>

const reads: Readonly<Record<string, Read>> = {
  text: async (response) => Buffer.from(await response.text()),
  arrayBuffer: async (response) => new Uint8Array(await response.arrayBuffer()),
  blob: async (response) => new Uint8Array(await (await response.blob()).arrayBuffer()),
  clone: async (response) => {
    const [own, cloned] = await Promise.all([response.clone().bytes(), response.bytes()])
    expect(Buffer.compare(own, cloned)).toBe(0)
    return own
  },
  tee: async (response) => {
    const [left, right] = await Promise.all(response.body!.tee().map(collectChunks))
    expect(Buffer.compare(left!, right!)).toBe(0)
    return left!
  },
  "for await": (response) => collectChunks(response.body),
  pipeThrough: (response) => collectChunks(response.body!.pipeThrough(new TransformStream()))
}

const cases = Object.keys(framings).flatMap((framing) => Object.keys(reads).map((read) => [framing, read] as const))

describe("REQ-6: a body of any size", () => {
  it.each(cases)("sent with %s is complete when it is read with %s", async (framing, read) => {
    const { send } = await openTransport()
    for (const size of sizes) {
      const body = bodyOf(size)
      const server = await http(framings[framing]!(body))
      const found = await reads[read]!((await send(server.url, {})).toResponse())
      expect(Buffer.compare(body, found), `${size} bytes`).toBe(0)
    }
  })
})
