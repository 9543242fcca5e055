import * as Effect from "effect/Effect"
import { setTimeout as delay } from "node:timers/promises"
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib"
import type { Law } from "../../Law.ts"
import { attempt, type TransportBench } from "./bench.ts"
import { ensure, platformSend, same, textOf } from "./expectations.ts"
import { type Handler, reply } from "./server.ts"

/** Statuses of all kinds, without redirects, those that have no body, and 407 and 421, which fetch keeps to itself. */
const statuses = [200, 201, 202, 203, 206, 300, 400, 401, 403, 404, 409, 418, 429, 451, 500, 502, 503, 504, 599]

const everyByte = Uint8Array.from({ length: 1_024 }, (_, i) => i % 256)

const encoders: Readonly<Record<string, (text: string) => Uint8Array>> = {
  gzip: (text) => gzipSync(text),
  deflate: (text) => deflateSync(text),
  br: (text) => brotliCompressSync(text)
}

/** Answers in the coding that is asked for in the query, if the request says that it can be undone. */
const encoding: Handler = (request, response) => {
  const text = "encoded ".repeat(1_000)
  const coding = new URL(request.url ?? "/", "http://x").searchParams.get("coding") ?? ""
  const accepted = `${request.headers["accept-encoding"]}`.split(/\s*,\s*/)
  const encode = coding === "raw deflate" ? deflateRawSync : encoders[coding]
  if (encode === undefined || !accepted.includes(coding.replace("raw ", ""))) return response.end(text)
  response.setHeader("content-encoding", coding.replace("raw ", ""))
  return response.end(encode(text))
}

export const answers: ReadonlyArray<Law<TransportBench>> = [
  {
    id: "status-is-a-value",
    guarantees: ["REQ-6"],
    statement: "Any status resolves, with its reason phrase and a body that can be read.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve((request, response) => {
        response.writeHead(Number(request.url?.slice(1)), "As Told").end(`body of ${request.url}`)
      })
      for (const status of statuses) {
        const response = yield* send(`${url}${status}`)
        yield* same("the status", response.status, status)
        const { statusText } = response.toResponse()
        // Deno's fetch gives the usual phrase, whatever the server says.
        const usual = (yield* platformSend(`${url}${status}`)).toResponse().statusText
        yield* ensure(
          [usual, "As Told"].includes(statusText),
          `the reason phrase of ${status} is ${JSON.stringify(statusText)}, not "As Told"`
        )
        yield* same(`the body of ${status}`, yield* textOf(response), `body of /${status}`)
      }
    })
  },
  {
    id: "response-is-the-platforms",
    guarantees: ["REQ-6"],
    statement:
      "The caller of fetch gets a Response of the platform with status, headers, URL and body, which can be cloned.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve(reply(404, `{"a":1}`, { "content-type": "application/json", "x-own": "1" }))
      const response = (yield* send(`${url}a/b?c=d#fragment`)).toResponse()
      yield* ensure(response instanceof Response, "it is no Response")
      yield* same("ok", response.ok, false)
      yield* same("status", response.status, 404)
      yield* same("the header", response.headers.get("x-own"), "1")
      // Bun's fetch leaves the fragment there.
      const { url: usual } = (yield* platformSend(`${url}a/b?c=d#fragment`)).toResponse()
      yield* ensure([usual, `${url}a/b?c=d`].includes(response.url), `the URL is ${response.url}, not ${url}a/b?c=d`)
      const clone = response.clone()
      yield* same("the clone's status", clone.status, 404)
      yield* same("bodyUsed before", response.bodyUsed, false)
      yield* same("the JSON", JSON.stringify(yield* attempt(() => response.json())), `{"a":1}`)
      yield* same("bodyUsed after", response.bodyUsed, true)
      yield* same("the clone's text", yield* attempt(() => clone.text()), `{"a":1}`)
      yield* ensure(
        yield* Effect.isFailure(attempt(() => response.text())),
        "a body that was read could be read once more"
      )
    })
  },
  {
    id: "bytes-come-unchanged",
    guarantees: ["REQ-6"],
    statement: "Every byte of a body comes as it was sent, as bytes and as a blob with its type.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve(reply(200, everyByte, { "content-type": "application/x-bytes" }))
      const first = yield* send(url)
      const bytes = yield* attempt(() => first.toResponse().arrayBuffer())
      yield* ensure(Buffer.from(bytes).equals(everyByte), "the bytes are not those that were sent")
      const second = yield* send(url)
      const blob = yield* attempt(() => second.toResponse().blob())
      yield* same("the blob's size", blob.size, everyByte.byteLength)
      yield* same("the blob's type", blob.type, "application/x-bytes")
    })
  },
  {
    id: "no-body-is-null",
    guarantees: ["REQ-6"],
    statement: "Answers to HEAD, and those with 204 or 304, have no body, and their headers as they were sent.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve((request, response) => {
        const status = Number(request.url?.slice(1))
        response
          .writeHead(status, { "x-own": "1", ...(status === 200 ? { "content-length": "1000" } : undefined) })
          .end()
      })
      for (const [method, status] of [
        ["HEAD", 200],
        ["GET", 204],
        ["POST", 204],
        ["GET", 304]
      ] as const) {
        const response = yield* send(`${url}${status}`, { method })
        yield* same("the status", response.status, status)
        yield* same(`the body of ${method} with ${status}`, response.body, null)
        yield* same(`the header of ${method} with ${status}`, response.headers.get("x-own"), "1")
        if (method === "HEAD") yield* same("its length", response.headers.get("content-length"), "1000")
        yield* same(`the text of ${method} with ${status}`, yield* textOf(response), "")
      }
    })
  },
  {
    id: "headers-come-apart",
    guarantees: ["REQ-6"],
    statement: "Headers are found by any case, joined when they came twice, and each Set-Cookie is kept apart.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const cookies = ["a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT", "b=2", "c=3"]
      const { url } = yield* serve(reply(200, "", { "X-Twice": ["one", "two"], "Set-Cookie": cookies, "X-Empty": "" }))
      for (const headers of [(yield* send(url)).headers, (yield* send(url)).toResponse().headers]) {
        yield* same("the joined header", headers.get("x-twice"), "one, two")
        yield* same("the cookies", headers.getSetCookie().join("|"), cookies.join("|"))
        yield* same("the empty header", headers.get("X-EMPTY"), "")
        yield* same("a header that did not come", headers.get("x-absent"), null)
      }
    })
  },
  {
    id: "header-bytes-survive",
    guarantees: ["REQ-6"],
    statement: "Header bytes outside of ASCII come as Latin-1, and reject nothing.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve(({ socket }) => {
        socket.end(Buffer.from("HTTP/1.1 200 OK\r\nx-name: ключ é\r\ncontent-length: 0\r\n\r\n", "utf8"))
      })
      const { headers } = yield* send(url)
      const bytes = Buffer.from(headers.get("x-name") ?? "", "latin1")
      yield* same("the header's bytes", bytes.toString("utf8"), "ключ é")
    })
  },
  {
    id: "codings-are-undone",
    guarantees: ["REQ-6"],
    statement: "A body in a coding that the request said it accepts is decoded: gzip, deflate, br.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve(encoding)
      for (const coding of ["gzip", "deflate", "br", "raw deflate", "none"]) {
        const text = yield* textOf(yield* send(`${url}?coding=${encodeURIComponent(coding)}`))
        yield* same(`the text in ${coding}`, text, "encoded ".repeat(1_000))
      }
    })
  },
  {
    id: "unknown-codings-are-kept",
    guarantees: ["REQ-6"],
    statement: "A body in a coding that nobody knows comes as it was sent.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve(reply(200, "as it is", { "content-encoding": "x-nobody" }))
      yield* same("the text", yield* textOf(yield* send(url)), "as it is")
    })
  },
  {
    id: "informational-answers-are-passed-over",
    guarantees: ["REQ-6"],
    statement: "Answers with 102 and 103 before the last one are passed over.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve((_, response) => {
        response.writeProcessing()
        response.writeEarlyHints({ link: "</a.css>; rel=preload; as=style" })
        response.writeHead(200, { "x-last": "1" }).end("the last one")
      })
      const response = yield* send(url)
      yield* same("the status", response.status, 200)
      yield* same("the header", response.headers.get("x-last"), "1")
      yield* same("the text", yield* textOf(response), "the last one")
    })
  },
  {
    id: "trailers-end-a-body",
    guarantees: ["REQ-6"],
    statement: "A body in chunks with trailers, and one that ends with the connection, come whole.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve(({ socket, url: path }, response) => {
        if (path === "/until-close") return socket.end("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nuntil close")
        response.writeHead(200, { trailer: "x-sum" })
        response.write("in ")
        response.write("chunks")
        response.addTrailers({ "x-sum": "1" })
        return response.end()
      })
      yield* same("the text", yield* textOf(yield* send(url)), "in chunks")
      yield* same("the text", yield* textOf(yield* send(`${url}until-close`)), "until close")
    })
  },
  {
    id: "slow-answers-are-waited-for",
    guarantees: ["TOK-10"],
    statement: "An answer that takes 2 s, and a body that comes in pieces over 1 s, are waited for.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const { url } = yield* serve(async (_, response) => {
        await delay(2_000)
        response.writeHead(200)
        for (let i = 0; i < 10; i += 1) {
          response.write(`${i}`)
          await delay(100)
        }
        response.end()
      })
      yield* same("the text", yield* textOf(yield* send(url)), "0123456789")
    })
  }
]
