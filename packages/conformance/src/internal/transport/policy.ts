import * as Effect from "effect/Effect"
import { type Checks, ensureEqual } from "../checks.ts"
import { readerOf, readPiece, readText, rejectionOf, textOf, until } from "./assertions.ts"
import type { TransportFixture } from "./fixture.ts"
import { bodyOf, reply } from "./server.ts"

/** Statuses that make some clients retry or authenticate. */
const statuses = [401, 403, 408, 413, 425, 429, 500, 502, 503, 504]

export const policy: Checks<TransportFixture> = {
  "no-retry-after-status": {
    behaviour: "A request is sent once, whatever its status.",
    guarantees: ["REQ-1", "TOK-10"],
    *check({ send, serve }) {
      const headers = { "retry-after": "0", "www-authenticate": 'Bearer realm="x", error="invalid_token"' }
      for (const status of statuses) {
        const server = yield* serve(reply(status, "again?", headers))
        for (const init of [{}, { method: "PUT", body: "text" }]) {
          const before = server.requests.length
          yield* ensureEqual("the status", (yield* send(server.url, init)).status, status)
          yield* ensureEqual(`the number of requests after a ${status}`, server.requests.length - before, 1)
        }
      }
    }
  },
  "no-retry-after-failure": {
    behaviour: "A request whose connection breaks is not sent again.",
    guarantees: ["TOK-10", "REQ-1"],
    *check({ send, serve }) {
      const server = yield* serve(({ socket }) => socket.destroy())
      for (const init of [{}, { method: "PUT", body: "text" }]) {
        const before = server.requests.length
        yield* rejectionOf(send(server.url, init), "a broken connection resolved")
        yield* ensureEqual("the number of requests", server.requests.length - before, 1)
      }
    }
  },
  "no-cache": {
    behaviour: "With cache: no-store, every request reaches the server, whatever its Cache-Control said before.",
    guarantees: ["TOK-10"],
    *check({ send, serve }) {
      const server = yield* serve((_, response) => {
        response.setHeader("cache-control", "public, max-age=600, immutable")
        response.setHeader("etag", '"one"')
        response.end(`${server.requests.length}`)
      })
      for (const count of [1, 2, 3]) {
        const response = yield* send(server.url, { cache: "no-store" })
        yield* ensureEqual("the status", response.status, 200)
        yield* ensureEqual("the text", yield* textOf(response), `${count}`)
      }
    }
  },
  "no-cookies": {
    behaviour: "A cookie that a server sets is not sent with the next request.",
    guarantees: ["REQ-6", "SEC-1"],
    *check({ send, serve }) {
      const server = yield* serve(reply(200, "", { "set-cookie": "session=1; Path=/" }))
      for (let i = 0; i < 2; i += 1) yield* send(server.url, { credentials: "omit" })
      yield* ensureEqual("the cookie", server.requests[1]?.headers.cookie, undefined)
    }
  },
  "requests-are-independent": {
    behaviour: "A hundred concurrent requests each get their own response.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const { url } = yield* serve(async (request, response) => {
        const body = await bodyOf(request)
        response.setHeader("x-id", String(request.headers["x-id"]))
        response.end(`${request.url} ${body.toString()}`)
      })
      const call = Effect.fnUntraced(function* (id: number) {
        const init = { method: "POST", body: `body ${id}`, headers: { "x-id": `${id}` } }
        const response = yield* send(`${url}${id}`, init)
        yield* ensureEqual("the header", response.headers.get("x-id"), `${id}`)
        yield* ensureEqual("the text", yield* textOf(response), `/${id} body ${id}`)
      })
      yield* Effect.all(
        Array.from({ length: 100 }, (_, id) => call(id)),
        { concurrency: "unbounded" }
      )
    }
  },
  "responses-outlive-layer": {
    behaviour: "Releasing the layer does not wait for a response that is being read, and does not end it.",
    guarantees: ["RUN-2"],
    *check({ release, send, serve }) {
      const server = yield* serve((_, response) => response.writeHead(200).write("one "))
      const reader = yield* readerOf(yield* send(server.url))
      yield* ensureEqual("the first piece", yield* readText(reader), "one ")
      yield* release
      yield* until(() => server.connections() === 1)
      server.responses[0]?.end("two")
      yield* ensureEqual("the rest", yield* readText(reader), "two")
      yield* ensureEqual("the end", yield* readPiece(reader), undefined)
    }
  }
}
