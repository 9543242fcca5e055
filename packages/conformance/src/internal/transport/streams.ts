import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { once } from "node:events"
import type { ServerResponse } from "node:http"
import type { Law } from "../../Law.ts"
import { attempt, type TransportBench } from "./bench.ts"
import { ensure, eventually, pieceOf, readerOf, same, soon, textOf } from "./expectations.ts"
import { bodyOf } from "./server.ts"

const mebibyte = 1024 * 1024
const piece = new Uint8Array(64 * 1024)
const total = 64 * mebibyte

/** What may be on the way, in buffers of both systems and of both sides, while nobody reads. */
const onTheWay = 32 * mebibyte

/** Writes as long as it is taken, and says how much that was. */
const pourInto = (response: ServerResponse) => {
  const poured = { bytes: 0 }
  const pour = async () => {
    while (poured.bytes < total && !response.destroyed) {
      poured.bytes += piece.byteLength
      if (!response.write(piece)) await once(response, "drain")
    }
    response.end()
  }
  return { poured, done: pour() }
}

/** A source that counts what is taken from it. */
const counted = () => {
  const taken = { bytes: 0 }
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      if (taken.bytes >= total) return controller.close()
      taken.bytes += piece.byteLength
      return controller.enqueue(piece.slice())
    }
  })
  return { taken, stream }
}

/** Waits until a number stands still. */
const settled = Effect.fnUntraced(function* (count: () => number) {
  let last = -1
  while (count() !== last || last === 0) {
    last = count()
    yield* Effect.sleep(200)
  }
  return last
})

const streaming = (stream: ReadableStream<Uint8Array<ArrayBuffer>>): RequestInit => {
  const init: RequestInit & { readonly duplex: "half" } = { method: "POST", body: stream, duplex: "half" }
  return init
}

export const streams: ReadonlyArray<Law<TransportBench>> = [
  {
    id: "answers-stream-down",
    guarantees: ["REQ-6"],
    statement: "The answer is there with its head, and each piece of its body before the next is sent.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const next = Promise.withResolvers<void>()
      const last = Promise.withResolvers<void>()
      const { url } = yield* serve(async (_, response) => {
        response.writeHead(200).flushHeaders()
        await next.promise
        response.write("one")
        await last.promise
        response.end("two")
      })
      const response = yield* soon(send(url), "there was no answer before its body")
      const reader = yield* readerOf(response)
      next.resolve()
      const first = yield* soon(pieceOf(reader), "the first piece did not come before the last was sent")
      yield* same("the first piece", Buffer.from(first ?? []).toString(), "one")
      last.resolve()
      yield* same("the second piece", Buffer.from((yield* pieceOf(reader)) ?? []).toString(), "two")
      yield* same("the end", yield* pieceOf(reader), undefined)
    })
  },
  {
    id: "answers-wait-for-their-reader",
    guarantees: ["REQ-6"],
    statement: "A body of 64 MiB that nobody reads makes the server wait, and then comes whole.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const sent = { bytes: 0 }
      const { url } = yield* serve((_, response) => {
        const { done, poured } = pourInto(response)
        Object.defineProperty(sent, "bytes", { get: () => poured.bytes })
        return done
      })
      const reader = yield* readerOf(yield* send(url))
      const held = yield* settled(() => sent.bytes)
      yield* ensure(held <= onTheWay, `the server could send ${Math.round(held / mebibyte)} MiB that nobody read`)
      let bytes = 0
      while (true) {
        const chunk = yield* soon(pieceOf(reader), "the body stopped")
        if (chunk === undefined) break
        bytes += chunk.byteLength
      }
      yield* same("the number of bytes", bytes, total)
    })
  },
  {
    id: "requests-stream-up",
    guarantees: ["REQ-2"],
    statement: "Each piece of a stream is sent before the next is made, and the stream is read once.",
    needs: ["uploads"],
    check: Effect.fnUntraced(function* ({ send, serve }) {
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
      const response = yield* soon(
        send(url, streaming(stream)),
        "the first piece did not arrive before the last was made"
      )
      yield* same("the first piece", yield* attempt(() => arrived.promise), "one ")
      yield* same("what arrived", yield* textOf(response), "one two")
    })
  },
  {
    id: "requests-wait-for-the-server",
    guarantees: ["REQ-2"],
    statement: "A stream of 64 MiB that the server does not read is not read ahead, and then goes whole.",
    needs: ["uploads"],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const go = Promise.withResolvers<void>()
      const { url } = yield* serve(async (request, response) => {
        request.pause()
        await go.promise
        let bytes = 0
        for await (const chunk of request) bytes += (chunk as Buffer).byteLength
        response.end(`${bytes}`)
      })
      const { stream, taken } = counted()
      const sending = yield* Effect.forkScoped(send(url, streaming(stream)))
      const held = yield* settled(() => taken.bytes)
      yield* ensure(held <= onTheWay, `${Math.round(held / mebibyte)} MiB were read that the server did not take`)
      go.resolve()
      const response = yield* soon(Fiber.join(sending), "the stream did not end")
      yield* same("the number of bytes", yield* textOf(response), `${total}`)
    })
  },
  {
    id: "an-early-answer-counts",
    guarantees: ["REQ-2"],
    statement: "An answer that comes before the whole stream was sent is the answer.",
    needs: ["uploads"],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve((request, response) => {
        request.once("data", () => response.writeHead(401, { "x-early": "1" }).end("early"))
      })
      const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (controller) => controller.enqueue(new TextEncoder().encode("the first piece, and no end"))
      })
      const response = yield* soon(send(url, streaming(stream)), "there was no answer before the end of the stream")
      yield* same("the status", response.status, 401)
      yield* same("the header", response.headers.get("x-early"), "1")
    })
  },
  {
    id: "cancelling-frees-the-connection",
    guarantees: ["RUN-2"],
    statement: "A body that is cancelled ends the transfer, and rejects nothing.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const sent = { isOver: false }
      const { url } = yield* serve((_, response) => {
        response.once("close", () => {
          sent.isOver = true
        })
        return pourInto(response).done
      })
      const { body } = yield* send(url)
      yield* attempt(async () => body?.cancel())
      yield* eventually(
        () => sent.isOver,
        () => "the server went on sending"
      )
    })
  }
]
