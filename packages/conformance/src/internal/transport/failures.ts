import * as Effect from "effect/Effect"
import type { Socket } from "node:net"
import { inspect } from "node:util"
import { type Checks, ensure, ensureEqual } from "../checks.ts"
import { rejectionOf, textOf } from "./assertions.ts"
import type { Rejected, TransportFixture } from "./fixture.ts"
import { reply } from "./server.ts"

/** Must not be in any error. */
const secret = "canary-5f1d0c77e2"

/** Everything that a person or a program can see of an error. */
const printed = (error: unknown): string => {
  const { stack } = Object(error) as { readonly stack?: string }
  return [
    String(error),
    stack,
    JSON.stringify(error),
    inspect(error, { depth: 12, showHidden: true }),
    inspect(error, { depth: 12, customInspect: false })
  ].join("\n")
}

const isSilent = (error: unknown, when: string) =>
  ensure(!printed(error).includes(secret), `the error prints Authorization when ${when}`)

/** Ways to break a connection before the response. */
const breaks: Readonly<Record<string, (socket: Socket) => void>> = {
  "the connection is reset": (socket) => socket.resetAndDestroy(),
  "the connection is closed": (socket) => socket.destroy(),
  "the headers break off": (socket) => socket.end("HTTP/1.1 200 OK\r\nx-own: 1\r\n"),
  "the response is not HTTP": (socket) => socket.end(`SSH-2.0 Bearer ${secret}\r\n\r\n`),
  "a header is malformed": (socket) => socket.end(`HTTP/1.1 200 OK\r\nx-own\u0001Bearer ${secret}: 1\r\n\r\n`)
}

/** Ways to break a connection in the middle of a body. */
const cuts: Readonly<Record<string, (socket: Socket) => void>> = {
  "a body is shorter than its length": (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nshort"),
  "a body is reset": (socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nshort", () => socket.resetAndDestroy())
  },
  "chunks do not end": (socket) => socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n")
}

/** The text of a response. The request or the body may fail, depending on timing. */
const textAt = ({ send }: TransportFixture, url: string): Effect.Effect<string, Rejected> =>
  Effect.flatMap(send(url, { headers: { authorization: `Bearer ${secret}` } }), textOf)

export const failures: Checks<TransportFixture> = {
  "connection-failures": {
    behaviour:
      "A refused connection, and one that breaks before the response's headers are complete, reject with an Error.",
    guarantees: ["REQ-6"],
    *check(fixture) {
      const { url: refusing } = yield* Effect.scoped(fixture.serve(reply(200)))
      const refused = yield* rejectionOf(fixture.send(refusing), "a request to a closed port resolved")
      yield* ensure(refused instanceof Error, `it rejected with ${String(refused)}`)
      for (const [when, act] of Object.entries(breaks)) {
        const { url } = yield* fixture.serve(({ socket }) => act(socket))
        const error = yield* rejectionOf(fixture.send(url), `it resolved when ${when}`)
        yield* ensure(error instanceof Error, `it rejected with ${String(error)} when ${when}`)
      }
    }
  },
  "truncated-body": {
    behaviour: "A body that breaks off rejects its reader.",
    guarantees: ["REQ-6"],
    *check(fixture) {
      for (const [when, act] of Object.entries(cuts)) {
        const { url } = yield* fixture.serve(({ socket }) => act(socket))
        const error = yield* rejectionOf(textAt(fixture, url), `a body resolved although ${when}`)
        yield* ensure(error instanceof Error, `it rejected with ${String(error)} when ${when}`)
      }
    }
  },
  "corrupt-encoding": {
    behaviour: "A body that is not in its content encoding rejects its reader.",
    guarantees: ["REQ-6"],
    *check(fixture) {
      const { url } = yield* fixture.serve((request, response) => {
        if (!String(request.headers["accept-encoding"]).includes("gzip")) return request.socket.destroy()
        return response.writeHead(200, { "content-encoding": "gzip" }).end("this is no gzip")
      })
      const error = yield* rejectionOf(textAt(fixture, url), "a body in the wrong encoding resolved")
      yield* ensure(error instanceof Error, `it rejected with ${String(error)}`)
    }
  },
  "failure-is-per-request": {
    behaviour: "After a request failed, the next one works.",
    guarantees: ["REQ-6"],
    *check(fixture) {
      const { url } = yield* fixture.serve((request, response) => {
        const act = Object.values(breaks)[Number(request.url?.slice(1))]
        return act === undefined ? response.end("good") : act(request.socket)
      })
      for (const [i, when] of Object.keys(breaks).entries()) {
        yield* rejectionOf(fixture.send(`${url}${i}`), `it resolved when ${when}`)
        yield* ensureEqual("the text after", yield* Effect.flatMap(fixture.send(`${url}good`), textOf), "good")
      }
    }
  },
  "failures-hide-authorization": {
    behaviour: "No error shows the request's Authorization, however it is printed and whatever the server sent.",
    guarantees: ["SEC-1"],
    *check(fixture) {
      const { url: refusing } = yield* Effect.scoped(fixture.serve(reply(200)))
      yield* isSilent(
        yield* rejectionOf(textAt(fixture, refusing), "a request to a closed port resolved"),
        "a connection is refused"
      )
      for (const [when, act] of Object.entries({ ...breaks, ...cuts })) {
        const { url } = yield* fixture.serve(({ socket }) => act(socket))
        yield* isSilent(yield* rejectionOf(textAt(fixture, url), `it resolved when ${when}`), when)
      }
    }
  },
  "aborts-hide-authorization": {
    behaviour: "The errors of aborted and of invalid requests do not show the Authorization.",
    guarantees: ["SEC-1"],
    *check({ send, serve }) {
      const { url } = yield* serve(({ url: path }, response) => {
        if (path === "/begun") response.writeHead(200).write("first")
      })
      const headers = { authorization: `Bearer ${secret}` }
      for (const path of ["", "begun"]) {
        const late = Effect.flatMap(send(url + path, { headers, signal: AbortSignal.timeout(100) }), textOf)
        yield* isSilent(yield* rejectionOf(late, "it resolved"), "a timeout ends the request")
      }
      const wrong = send(url, { headers, body: "text" })
      yield* isSilent(yield* rejectionOf(wrong, "a GET with a body resolved"), "a request is invalid")
      const unsendable = send("http://127.0.0.1:1/", { headers })
      yield* isSilent(yield* rejectionOf(unsendable, "it resolved"), "a port is closed")
    }
  }
}
