import * as Effect from "effect/Effect"
import type { Law } from "../../Law.ts"
import type { TransportBench } from "./bench.ts"
import { eventually, pieceOf, readerOf, rejectionOf, same, soon, textOf } from "./expectations.ts"
import { reply } from "./server.ts"

/** Statuses that invite to try again, or to authenticate. */
const inviting = [401, 403, 408, 413, 425, 429, 500, 502, 503, 504]

export const manners: ReadonlyArray<Law<TransportBench>> = [
  {
    id: "statuses-are-not-tried-again",
    guarantees: ["REQ-1", "TOK-10"],
    statement: "A request is sent once, whatever its answer invites to.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const headers = { "retry-after": "0", "www-authenticate": 'Bearer realm="x", error="invalid_token"' }
      for (const status of inviting) {
        const place = yield* serve(reply(status, "again?", headers))
        for (const init of [{}, { method: "PUT", body: "text" }]) {
          const before = place.requests.length
          yield* same("the status", (yield* send(place.url, init)).status, status)
          yield* Effect.sleep(20)
          yield* same(`the number of requests after a ${status}`, place.requests.length - before, 1)
        }
      }
    })
  },
  {
    id: "faults-are-not-tried-again",
    guarantees: ["TOK-10", "REQ-1"],
    statement: "A request whose connection breaks is not sent again.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const place = yield* serve(({ socket }) => socket.destroy())
      for (const init of [{}, { method: "PUT", body: "text" }]) {
        const before = place.requests.length
        yield* soon(rejectionOf(send(place.url, init), "a broken connection was an answer"), "it hung")
        yield* Effect.sleep(50)
        yield* same("the number of requests", place.requests.length - before, 1)
      }
    })
  },
  {
    id: "answers-are-not-kept",
    guarantees: ["TOK-10"],
    statement: "With cache: no-store, every call reaches the server, however long its answers may be kept.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const place = yield* serve((_, response) => {
        response.setHeader("cache-control", "public, max-age=600, immutable")
        response.setHeader("etag", '"one"')
        response.end(`${place.requests.length}`)
      })
      for (const count of [1, 2, 3]) {
        const response = yield* send(place.url, { cache: "no-store" })
        yield* same("the status", response.status, 200)
        yield* same("the text", yield* textOf(response), `${count}`)
      }
    })
  },
  {
    id: "cookies-are-not-kept",
    guarantees: ["REQ-6", "SEC-1"],
    statement: "What a server sets is not sent back on the next call.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const place = yield* serve(reply(200, "", { "set-cookie": "session=1; Path=/" }))
      for (let i = 0; i < 2; i += 1) yield* send(place.url, { credentials: "omit" })
      yield* same("the cookie", place.requests[1]?.headers.cookie, undefined)
    })
  },
  {
    id: "calls-keep-apart",
    guarantees: ["REQ-6"],
    statement: "A hundred calls at once each get their own answer, with their own headers and bodies.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve(async (request, response) => {
        const chunks: Array<Buffer> = []
        for await (const chunk of request) chunks.push(chunk as Buffer)
        response.setHeader("x-id", String(request.headers["x-id"]))
        response.end(`${request.url} ${Buffer.concat(chunks).toString()}`)
      })
      const call = Effect.fnUntraced(function* (id: number) {
        const init = { method: "POST", body: `body ${id}`, headers: { "x-id": `${id}` } }
        const response = yield* send(`${url}${id}`, init)
        yield* same("the header", response.headers.get("x-id"), `${id}`)
        yield* same("the text", yield* textOf(response), `/${id} body ${id}`)
      })
      yield* Effect.all(
        Array.from({ length: 100 }, (_, id) => call(id)),
        { concurrency: "unbounded" }
      )
    })
  },
  {
    id: "answers-outlive-the-client",
    guarantees: ["RUN-2"],
    statement: "An answer that was handed out goes on to its end after the adapter was given up, which waits for none.",
    needs: [],
    check: Effect.fnUntraced(function* ({ close, send, serve }) {
      const place = yield* serve((_, response) => response.writeHead(200).write("one "))
      const reader = yield* readerOf(yield* send(place.url))
      yield* same("the first piece", Buffer.from((yield* pieceOf(reader)) ?? []).toString(), "one ")
      yield* soon(close, "giving the adapter up waited for the answer")
      yield* eventually(
        () => place.connections() === 1,
        () => "the connection was closed"
      )
      place.answers[0]?.end("two")
      yield* same("the rest", Buffer.from((yield* pieceOf(reader)) ?? []).toString(), "two")
      yield* same("the end", yield* pieceOf(reader), undefined)
    })
  }
]
