import * as Effect from "effect/Effect"
import { setTimeout as delay } from "node:timers/promises"
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib"
import { type Checks, ensure, ensureEqual } from "../checks.ts"
import { platformSend, textOf } from "./assertions.ts"
import { attempt, type TransportFixture } from "./fixture.ts"
import { type Handler, reply } from "./server.ts"

/** Statuses of all kinds, except redirects, those without a body, and 407 and 421, which fetch handles itself. */
const statuses = [200, 201, 202, 203, 206, 300, 400, 401, 403, 404, 409, 418, 429, 451, 500, 502, 503, 504, 599]

const everyByte = Uint8Array.from({ length: 1_024 }, (_, i) => i % 256)

const encoders: Readonly<Record<string, (text: string) => Uint8Array>> = {
  gzip: (text) => gzipSync(text),
  deflate: (text) => deflateSync(text),
  br: (text) => brotliCompressSync(text)
}

/** Responds with the encoding that the query names, if the request accepts it. */
const encoding: Handler = (request, response) => {
  const text = "encoded ".repeat(1_000)
  const coding = new URL(request.url ?? "/", "http://x").searchParams.get("coding") ?? ""
  const accepted = `${request.headers["accept-encoding"]}`.split(/\s*,\s*/)
  const encode = coding === "raw-deflate" ? deflateRawSync : encoders[coding]
  if (encode === undefined || !accepted.includes(coding.replace("raw-", ""))) return response.end(text)
  response.setHeader("content-encoding", coding.replace("raw-", ""))
  return response.end(encode(text))
}

export const responses: Checks<TransportFixture> = {
  "any-status-resolves": {
    behaviour: "Any status resolves, with its reason phrase and a body that can be read.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const { url } = yield* serve((request, response) => {
        response.writeHead(Number(request.url?.slice(1)), "Custom Phrase").end(`body of ${request.url}`)
      })
      for (const status of statuses) {
        const response = yield* send(`${url}${status}`)
        yield* ensureEqual("the status", response.status, status)
        const { statusText } = response.toResponse()
        // Deno's fetch has the standard phrase, whatever the server sent.
        const usual = (yield* platformSend(`${url}${status}`)).toResponse().statusText
        yield* ensure(
          [usual, "Custom Phrase"].includes(statusText),
          `the reason phrase of ${status} is ${JSON.stringify(statusText)}, not "Custom Phrase"`
        )
        yield* ensureEqual(`the body of ${status}`, yield* textOf(response), `body of /${status}`)
      }
    }
  },
  "platform-response": {
    behaviour: "toResponse returns a Response of the platform with status, headers, URL and body, which can be cloned.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const { url } = yield* serve(reply(404, `{"a":1}`, { "content-type": "application/json", "x-own": "1" }))
      const response = (yield* send(`${url}a/b?c=d#fragment`)).toResponse()
      yield* ensure(response instanceof Response, "it is not a Response")
      yield* ensureEqual("ok", response.ok, false)
      yield* ensureEqual("status", response.status, 404)
      yield* ensureEqual("the header", response.headers.get("x-own"), "1")
      // Bun's fetch keeps the fragment.
      const { url: usual } = (yield* platformSend(`${url}a/b?c=d#fragment`)).toResponse()
      yield* ensure([usual, `${url}a/b?c=d`].includes(response.url), `the URL is ${response.url}, not ${url}a/b?c=d`)
      const clone = response.clone()
      yield* ensureEqual("the clone's status", clone.status, 404)
      yield* ensureEqual("bodyUsed before", response.bodyUsed, false)
      yield* ensureEqual("the JSON", JSON.stringify(yield* attempt(() => response.json())), `{"a":1}`)
      yield* ensureEqual("bodyUsed after", response.bodyUsed, true)
      yield* ensureEqual("the clone's text", yield* attempt(() => clone.text()), `{"a":1}`)
      yield* ensure(yield* Effect.isFailure(attempt(() => response.text())), "a body could be read twice")
    }
  },
  "response-bytes": {
    behaviour: "Every byte of a body is received as it was sent, also as a blob with its type.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const { url } = yield* serve(reply(200, everyByte, { "content-type": "application/x-bytes" }))
      const first = yield* send(url)
      const bytes = yield* attempt(() => first.toResponse().arrayBuffer())
      yield* ensure(Buffer.from(bytes).equals(everyByte), "the bytes are not those that were sent")
      const second = yield* send(url)
      const blob = yield* attempt(() => second.toResponse().blob())
      yield* ensureEqual("the blob's size", blob.size, everyByte.byteLength)
      yield* ensureEqual("the blob's type", blob.type, "application/x-bytes")
    }
  },
  "no-body-is-null": {
    behaviour: "Responses to HEAD, and those with status 204 or 304, have their headers and no body.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
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
        yield* ensureEqual("the status", response.status, status)
        yield* ensureEqual(`the body of ${method} with ${status}`, response.body, null)
        yield* ensureEqual(`the header of ${method} with ${status}`, response.headers.get("x-own"), "1")
        if (method === "HEAD") yield* ensureEqual("its length", response.headers.get("content-length"), "1000")
        yield* ensureEqual(`the text of ${method} with ${status}`, yield* textOf(response), "")
      }
    }
  },
  "response-headers": {
    behaviour: "Header names ignore case, repeated headers are joined, and each Set-Cookie stays separate.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const cookies = ["a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT", "b=2", "c=3"]
      const { url } = yield* serve(reply(200, "", { "X-Twice": ["one", "two"], "Set-Cookie": cookies, "X-Empty": "" }))
      for (const headers of [(yield* send(url)).headers, (yield* send(url)).toResponse().headers]) {
        yield* ensureEqual("the joined header", headers.get("x-twice"), "one, two")
        yield* ensureEqual("the cookies", headers.getSetCookie().join("|"), cookies.join("|"))
        yield* ensureEqual("the empty header", headers.get("X-EMPTY"), "")
        yield* ensureEqual("a header that was not sent", headers.get("x-absent"), null)
      }
    }
  },
  "non-ascii-headers": {
    behaviour: "Header bytes outside of ASCII are read as Latin-1 and reject nothing.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const { url } = yield* serve(({ socket }) => {
        socket.end(Buffer.from("HTTP/1.1 200 OK\r\nx-name: ключ é\r\ncontent-length: 0\r\n\r\n", "utf8"))
      })
      const { headers } = yield* send(url)
      const bytes = Buffer.from(headers.get("x-name") ?? "", "latin1")
      yield* ensureEqual("the header's bytes", bytes.toString("utf8"), "ключ é")
    }
  },
  "content-encoding": {
    behaviour: "A body with a content encoding that the request accepts is decoded: gzip, deflate, br.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const { url } = yield* serve(encoding)
      for (const coding of ["gzip", "deflate", "br", "raw-deflate", "none"]) {
        const text = yield* textOf(yield* send(`${url}?coding=${coding}`))
        yield* ensureEqual(`the text in ${coding}`, text, "encoded ".repeat(1_000))
      }
    }
  },
  "unknown-encoding": {
    behaviour: "A body with an unknown content encoding is received as it was sent.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const { url } = yield* serve(reply(200, "not encoded", { "content-encoding": "x-unknown" }))
      yield* ensureEqual("the text", yield* textOf(yield* send(url)), "not encoded")
    }
  },
  "informational-responses": {
    behaviour: "Responses with status 102 and 103 before the final one are skipped.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const { url } = yield* serve((_, response) => {
        response.writeProcessing()
        response.writeEarlyHints({ link: "</a.css>; rel=preload; as=style" })
        response.writeHead(200, { "x-last": "1" }).end("the last one")
      })
      const response = yield* send(url)
      yield* ensureEqual("the status", response.status, 200)
      yield* ensureEqual("the header", response.headers.get("x-last"), "1")
      yield* ensureEqual("the text", yield* textOf(response), "the last one")
    }
  },
  "body-framing": {
    behaviour: "A chunked body with trailers, and a body that ends with its connection, are complete.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const { url } = yield* serve(({ socket, url: path }, response) => {
        if (path === "/until-close") return socket.end("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nuntil close")
        response.writeHead(200, { trailer: "x-sum" })
        response.write("in ")
        response.write("chunks")
        response.addTrailers({ "x-sum": "1" })
        return response.end()
      })
      yield* ensureEqual("the text", yield* textOf(yield* send(url)), "in chunks")
      yield* ensureEqual("the text", yield* textOf(yield* send(`${url}until-close`)), "until close")
    }
  },
  "slow-response": {
    behaviour: "A response that takes 2 s, and a body that is sent in pieces over 1 s, are waited for.",
    guarantees: ["TOK-10"],
    *check({ send, serve }) {
      const { url } = yield* serve(async (_, response) => {
        await delay(2_000)
        response.writeHead(200)
        for (let i = 0; i < 10; i += 1) {
          response.write(`${i}`)
          await delay(100)
        }
        response.end()
      })
      yield* ensureEqual("the text", yield* textOf(yield* send(url)), "0123456789")
    }
  }
}
