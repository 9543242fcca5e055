import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { once } from "node:events"
import type { ServerResponse } from "node:http"
import { type Checks, ensure, ensureEqual } from "../checks.ts"
import { readerOf, readPiece, readText, textOf, until, upload } from "./assertions.ts"
import { attempt, type TransportFixture } from "./fixture.ts"
import { bodyOf, reply } from "./server.ts"

const mebibyte = 1024 * 1024
const piece = new Uint8Array(64 * 1024)
const total = 64 * mebibyte

/** How much may be in the buffers of both sides and of the operating system while the receiver does not read. */
const maxBuffered = 32 * mebibyte

/** Writes as fast as the client takes it, and counts what was written. */
const pourInto = async (response: ServerResponse, sent: { bytes: number }) => {
  while (sent.bytes < total && !response.destroyed) {
    sent.bytes += piece.byteLength
    if (!response.write(piece)) await once(response, "drain")
  }
  response.end()
}

/** A stream that counts what was read from it. */
const countedStream = () => {
  const read = { bytes: 0 }
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      if (read.bytes >= total) return controller.close()
      read.bytes += piece.byteLength
      return controller.enqueue(piece.slice())
    }
  })
  return { read, stream }
}

/**
 * Waits until a transfer stands still, and returns how many bytes it has moved. A pause proves nothing on a busy
 * machine, so other requests are the measure: a transfer that moves no bytes while 50 of them complete is waiting.
 */
const standstill = Effect.fnUntraced(function* ({ send, serve }: TransportFixture, moved: { readonly bytes: number }) {
  const other = yield* serve(reply(200, "other"))
  let last = 0
  while (last === 0 || moved.bytes !== last) {
    last = moved.bytes
    for (let count = 0; count < 50; count += 1) yield* textOf(yield* send(other.url))
  }
  return last
})

export const streams: Checks<TransportFixture> = {
  "response-streaming": {
    behaviour:
      "The response resolves with its headers, and each piece of its body can be read before the next is sent.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const next = Promise.withResolvers<void>()
      const last = Promise.withResolvers<void>()
      const { url } = yield* serve(async (_, response) => {
        response.writeHead(200).flushHeaders()
        await next.promise
        response.write("one")
        await last.promise
        response.end("two")
      })
      const reader = yield* readerOf(yield* send(url))
      next.resolve()
      yield* ensureEqual("the first piece", yield* readText(reader), "one")
      last.resolve()
      yield* ensureEqual("the second piece", yield* readText(reader), "two")
      yield* ensureEqual("the end", yield* readPiece(reader), undefined)
    }
  },
  "response-backpressure": {
    behaviour:
      "A server that sends 64 MiB has to wait while the body is not read, and the body is complete in the end.",
    guarantees: ["REQ-6"],
    *check(fixture) {
      const sent = { bytes: 0 }
      const { url } = yield* fixture.serve((_, response) => pourInto(response, sent))
      const reader = yield* readerOf(yield* fixture.send(url))
      const buffered = yield* standstill(fixture, sent)
      yield* ensure(buffered <= maxBuffered, `${Math.round(buffered / mebibyte)} MiB were received ahead of the reader`)
      let bytes = 0
      while (true) {
        const chunk = yield* readPiece(reader)
        if (chunk === undefined) break
        bytes += chunk.byteLength
      }
      yield* ensureEqual("the number of bytes", bytes, total)
    }
  },
  "request-streaming": {
    behaviour: "Each piece of a request stream is sent before the next is produced.",
    guarantees: ["REQ-2"],
    requires: ["uploads"],
    *check({ send, serve }) {
      const arrived = Promise.withResolvers<string>()
      const { url } = yield* serve(async (request, response) => {
        request.once("data", (chunk) => arrived.resolve(String(chunk)))
        response.end(await bodyOf(request))
      })
      const pieces = ["one ", "two"]
      const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
        {
          pull: async (controller) => {
            if (pieces.length === 1) await arrived.promise
            const text = pieces.shift()
            return text === undefined ? controller.close() : controller.enqueue(new TextEncoder().encode(text))
          }
        },
        { highWaterMark: 0 }
      )
      const response = yield* send(url, upload(stream))
      yield* ensureEqual("the first piece", yield* attempt(() => arrived.promise), "one ")
      yield* ensureEqual("what arrived", yield* textOf(response), "one two")
    }
  },
  "request-backpressure": {
    behaviour: "A stream of 64 MiB is not read ahead while the server does not read, and is complete in the end.",
    guarantees: ["REQ-2"],
    requires: ["uploads"],
    *check(fixture) {
      const go = Promise.withResolvers<void>()
      const { url } = yield* fixture.serve(async (request, response) => {
        request.pause()
        await go.promise
        let bytes = 0
        for await (const chunk of request) bytes += (chunk as Buffer).byteLength
        response.end(`${bytes}`)
      })
      const { read, stream } = countedStream()
      const sending = yield* Effect.forkScoped(fixture.send(url, upload(stream)))
      const buffered = yield* standstill(fixture, read)
      yield* ensure(buffered <= maxBuffered, `${Math.round(buffered / mebibyte)} MiB were read ahead of the server`)
      go.resolve()
      const response = yield* Fiber.join(sending)
      yield* ensureEqual("the number of bytes", yield* textOf(response), `${total}`)
    }
  },
  "early-response": {
    behaviour: "A response that arrives before the whole request stream was sent is returned.",
    guarantees: ["REQ-2"],
    requires: ["uploads"],
    *check({ send, serve }) {
      const { url } = yield* serve((request, response) => {
        request.once("data", () => response.writeHead(401, { "x-early": "1" }).end("early"))
      })
      const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (controller) => controller.enqueue(new TextEncoder().encode("the first piece, and no end"))
      })
      const response = yield* send(url, upload(stream))
      yield* ensureEqual("the status", response.status, 401)
      yield* ensureEqual("the header", response.headers.get("x-early"), "1")
    }
  },
  "cancel-ends-transfer": {
    behaviour: "Cancelling a body ends the transfer and rejects nothing.",
    guarantees: ["RUN-2"],
    *check({ send, serve }) {
      let isClosed = false
      const { url } = yield* serve((_, response) => {
        // Deno emits this event, but never sets `closed`.
        response.once("close", () => {
          isClosed = true
        })
        return pourInto(response, { bytes: 0 })
      })
      const { body } = yield* send(url)
      yield* attempt(async () => body?.cancel())
      yield* until(() => isClosed)
    }
  }
}
