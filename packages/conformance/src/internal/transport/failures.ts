import * as Effect from "effect/Effect"
import type { Socket } from "node:net"
import { inspect } from "node:util"
import type { Law } from "../../Law.ts"
import type { Rejected, TransportBench } from "./bench.ts"
import { ensure, rejectionOf, same, soon, textOf } from "./expectations.ts"
import { reply } from "./server.ts"

/** What no error may print. */
const secret = "canary-5f1d0c77e2"

/** Everything that a person or a program can make visible of an error. */
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

/** Ways to break before there is an answer. */
const breaks: Readonly<Record<string, (socket: Socket) => void>> = {
  "the connection is reset": (socket) => socket.resetAndDestroy(),
  "the connection is closed": (socket) => socket.destroy(),
  "the answer ends in its head": (socket) => socket.end("HTTP/1.1 200 OK\r\nx-own: 1\r\n"),
  "the answer is not HTTP": (socket) => socket.end(`SSH-2.0 Bearer ${secret}\r\n\r\n`),
  "a header cannot be read": (socket) => socket.end(`HTTP/1.1 200 OK\r\nx-own\u0001Bearer ${secret}: 1\r\n\r\n`)
}

/** Ways to break in the middle of a body. */
const cuts: Readonly<Record<string, (socket: Socket) => void>> = {
  "a body is shorter than it says": (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nshort"),
  "a body is reset": (socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nshort", () => socket.resetAndDestroy())
  },
  "chunks do not end": (socket) => socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n")
}

/** A call, and its body: both may fail, by how fast the two come. */
const textAt = ({ send }: TransportBench, url: string): Effect.Effect<string, Rejected> =>
  Effect.flatMap(send(url, { headers: { authorization: `Bearer ${secret}` } }), textOf)

export const failures: ReadonlyArray<Law<TransportBench>> = [
  {
    id: "no-answer-rejects",
    guarantees: ["REQ-6"],
    statement:
      "A host that refuses, and a connection that breaks before the answer's head has come, reject with an Error.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      const { url: refusing } = yield* Effect.scoped(bench.serve(reply(200)))
      const refused = yield* soon(rejectionOf(bench.send(refusing), "a host that is not there answered"), "it hung")
      yield* ensure(refused instanceof Error, `it rejected with ${String(refused)}`)
      for (const [when, act] of Object.entries(breaks)) {
        const { url } = yield* bench.serve(({ socket }) => act(socket))
        const error = yield* soon(rejectionOf(bench.send(url), `it was answered when ${when}`), `it hung when ${when}`)
        yield* ensure(error instanceof Error, `it rejected with ${String(error)} when ${when}`)
      }
    })
  },
  {
    id: "a-cut-body-is-an-error",
    guarantees: ["REQ-6"],
    statement: "A body that breaks off fails its reader: what came of it is never taken for all of it.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      for (const [when, act] of Object.entries(cuts)) {
        const { url } = yield* bench.serve(({ socket }) => act(socket))
        const error = yield* soon(
          rejectionOf(textAt(bench, url), `the body was taken for whole when ${when}`),
          `it hung when ${when}`
        )
        yield* ensure(error instanceof Error, `it rejected with ${String(error)} when ${when}`)
      }
    })
  },
  {
    id: "a-broken-coding-is-an-error",
    guarantees: ["REQ-6"],
    statement: "A body that is not in the coding that it claims fails its reader.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      const { url } = yield* bench.serve((request, response) => {
        if (!String(request.headers["accept-encoding"]).includes("gzip")) return request.socket.destroy()
        return response.writeHead(200, { "content-encoding": "gzip" }).end("this is no gzip")
      })
      const error = yield* soon(rejectionOf(textAt(bench, url), "the body was taken for decoded"), "it hung")
      yield* ensure(error instanceof Error, `it rejected with ${String(error)}`)
    })
  },
  {
    id: "one-failure-is-one-call",
    guarantees: ["REQ-6"],
    statement: "After a call failed, the next one is as good as the first.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      const { url } = yield* bench.serve((request, response) => {
        const act = Object.values(breaks)[Number(request.url?.slice(1))]
        return act === undefined ? response.end("good") : act(request.socket)
      })
      for (const [i, when] of Object.keys(breaks).entries()) {
        yield* rejectionOf(bench.send(`${url}${i}`), `it was answered when ${when}`)
        yield* same("the text after", yield* Effect.flatMap(bench.send(`${url}good`), textOf), "good")
      }
    })
  },
  {
    id: "errors-are-silent",
    guarantees: ["SEC-1"],
    statement:
      "No error prints the request's Authorization, however it is printed, and whatever the server sends back.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      const { url: refusing } = yield* Effect.scoped(bench.serve(reply(200)))
      yield* isSilent(yield* rejectionOf(textAt(bench, refusing), "nobody was there"), "a host refuses")
      for (const [when, act] of Object.entries({ ...breaks, ...cuts })) {
        const { url } = yield* bench.serve(({ socket }) => act(socket))
        yield* isSilent(yield* rejectionOf(textAt(bench, url), `it was answered when ${when}`), when)
      }
    })
  },
  {
    id: "aborts-are-silent",
    guarantees: ["SEC-1"],
    statement: "The errors of aborted calls and of calls that may not be sent print no Authorization either.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve(({ url: path }, response) => {
        if (path === "/begun") response.writeHead(200).write("first")
      })
      const headers = { authorization: `Bearer ${secret}` }
      for (const path of ["", "begun"]) {
        const late = Effect.flatMap(send(url + path, { headers, signal: AbortSignal.timeout(100) }), textOf)
        yield* isSilent(yield* rejectionOf(late, "it was answered"), "a deadline passes")
      }
      const wrong = send(url, { headers, body: "text" })
      yield* isSilent(yield* rejectionOf(wrong, "a GET had a body"), "a call is wrong")
      const unsendable = send("http://127.0.0.1:1/", { headers })
      yield* isSilent(yield* rejectionOf(unsendable, "it was answered"), "nobody listens")
    })
  }
]
