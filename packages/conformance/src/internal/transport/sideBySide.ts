import * as Effect from "effect/Effect"
import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import { gzipSync } from "node:zlib"
import type { Law } from "../../Law.ts"
import type { TransportBench } from "./bench.ts"
import { broken, same } from "./expectations.ts"
import { bodyOf } from "./server.ts"

const zipped = gzipSync("zipped ".repeat(100))

const head = (...lines: ReadonlyArray<string>): string => `HTTP/1.1 ${lines.join("\r\n")}\r\n\r\n`

/** Answers, byte by byte, that clients are known to take differently. */
const answers: Readonly<Record<string, ReadonlyArray<string | Uint8Array>>> = {
  "a text": [head("200 OK", "content-length: 4"), "text"],
  "no reason phrase": [head("200", "content-length: 2"), "ok"],
  "a long reason phrase": [head("200 It Went (rather) Well", "content-length: 0")],
  "an odd status": [head("299 Odd", "content-length: 0")],
  "a status of HTTP/1.0": ["HTTP/1.0 200 OK\r\n\r\nuntil the end"],
  "a header without a value": [head("200 OK", "x-empty:", "content-length: 0")],
  "spaces before a value": [head("200 OK", "x-spaced:  \t a b", "content-length: 0")],
  "many headers": [head("200 OK", ...Array.from({ length: 90 }, (_, i) => `x-${i}: ${i}`), "content-length: 0")],
  "the same header often": [head("200 OK", ..."abc".split("").map((x) => `x-own: ${x}`), "content-length: 0")],
  "a header of 4 KiB": [head("200 OK", `x-long: ${"x".repeat(4_096)}`, "content-length: 0")],
  "a head of 40 KiB": [head("200 OK", `x-long: ${"x".repeat(40_960)}`, "content-length: 0")],
  "two equal lengths": [head("200 OK", "content-length: 2", "content-length: 2"), "ok"],
  "two lengths": [head("200 OK", "content-length: 2", "content-length: 3"), "ok!"],
  "a negative length": [head("200 OK", "content-length: -1"), "ok"],
  "a length and chunks": [head("200 OK", "content-length: 2", "transfer-encoding: chunked"), "2\r\nok\r\n0\r\n\r\n"],
  "more than the length": [head("200 OK", "content-length: 2", "connection: close"), "ok and more"],
  "less than the length": [head("200 OK", "content-length: 20"), "less"],
  chunks: [head("200 OK", "transfer-encoding: chunked"), "1\r\na\r\n", "2;ext=1\r\nbc\r\n", "0\r\n\r\n"],
  "chunks with a trailer": [head("200 OK", "transfer-encoding: chunked"), "1\r\na\r\n0\r\nx-trailer: 1\r\n\r\n"],
  "chunks without a size": [head("200 OK", "transfer-encoding: chunked"), "zz\r\na\r\n0\r\n\r\n"],
  "chunks without an end": [head("200 OK", "transfer-encoding: chunked"), "1\r\na\r\n"],
  "204 with a length": [head("204 No Content", "content-length: 0")],
  "304 with a length": [head("304 Not Modified", "content-length: 100", 'etag: "x"')],
  "205": [head("205 Reset Content", "content-length: 0")],
  "an unknown coding": [head("200 OK", "content-encoding: x-own", "content-length: 4"), "text"],
  identity: [head("200 OK", "content-encoding: identity", "content-length: 4"), "text"],
  gzip: [head("200 OK", "content-encoding: gzip", `content-length: ${zipped.length}`), zipped],
  "GZIP in capitals": [head("200 OK", "content-encoding: GZIP", `content-length: ${zipped.length}`), zipped],
  "gzip twice": [head("200 OK", "content-encoding: gzip, gzip", "connection: close"), gzipSync(zipped)],
  "gzip in chunks": [
    head("200 OK", "content-encoding: gzip", "connection: close"),
    zipped.subarray(0, 9),
    zipped.subarray(9)
  ],
  "gzip without a byte": [head("200 OK", "content-encoding: gzip", "content-length: 0")],
  "br without a byte": [head("200 OK", "content-encoding: br", "content-length: 0")],
  "half a gzip": [head("200 OK", "content-encoding: gzip", "connection: close"), zipped.subarray(0, 20)],
  "no gzip at all": [head("200 OK", "content-encoding: gzip", "content-length: 4"), "text"],
  "gzip and what nobody knows": [head("200 OK", "content-encoding: gzip, x-own", "content-length: 4"), "text"],
  "six codings": [head("200 OK", `content-encoding: ${"gzip, ".repeat(5)}gzip`, "content-length: 4"), "text"],
  "a byte order mark": [head("200 OK", "content-length: 7"), "\uFEFFtext"],
  "bytes that are no UTF-8": [head("200 OK", "content-length: 4"), Uint8Array.of(0xff, 0x61, 0xc3, 0x28)],
  "an early hint": [head("103 Early Hints", "link: </a>"), head("200 OK", "content-length: 2"), "ok"],
  "a switch that nobody asked for": [head("101 Switching Protocols", "upgrade: x", "connection: upgrade")],
  "a folded header": [head("200 OK", "x-folded: a", " b", "content-length: 0")],
  "a space in a name": [head("200 OK", "x own: 1", "content-length: 0")],
  "another protocol": ["ICY 200 OK\r\n\r\n"],
  "nothing at all": [""]
}

/** Calls that clients are known to send differently. */
const calls: Readonly<Record<string, RequestInit>> = {
  HEAD: { method: "HEAD" },
  "a POST": { method: "POST", body: "text" },
  "a POST without a body": { method: "POST" },
  "a DELETE with a body": { method: "DELETE", body: "text" },
  "an OPTIONS": { method: "OPTIONS" },
  "a method in small letters": { method: "put", body: "text" },
  "a method of one's own": { method: "X-OWN" },
  "a method that is none": { method: "" },
  "a header without a value": { headers: { "x-own": "" } },
  "spaces around a value": { headers: { "x-own": "  a b  " } },
  "a value in Latin-1": { headers: { "x-own": "é" } },
  "a value that is no byte": { headers: { "x-own": "ключ" } },
  "the same header twice": {
    headers: [
      ["x-own", "1"],
      ["X-Own", "2"]
    ]
  },
  "the same header in two cases": { headers: { "x-own": "1", "X-Own": "2" } },
  "a name that is none": { headers: { "": "1" } },
  "a length that is wrong": { method: "POST", body: "text", headers: { "content-length": "5" } },
  "an encoding of its own": { method: "POST", body: "text", headers: { "transfer-encoding": "chunked" } },
  "an expectation": { method: "POST", body: "text", headers: { expect: "100-continue" } },
  "an end of the connection": { headers: { connection: "close" } },
  "an upgrade": { headers: { connection: "upgrade", upgrade: "x" } },
  "a coding of its own": { headers: { "accept-encoding": "identity" } }
}

/** What a call came to, as far as its caller can tell. */
interface Outcome {
  readonly error: string | undefined
  readonly answer?: string
}

/** Headers that are about the connection, or the moment. */
const ofTheHop = new Set(["connection", "date", "keep-alive", "transfer-encoding"])

const outcomeOf = async (call: () => Promise<Response>): Promise<Outcome> => {
  let answer: string | undefined
  try {
    const response = await call()
    const { headers, ok, redirected, status, statusText } = response
    const lines = [...headers].filter(([name]) => !ofTheHop.has(name)).map(([name, value]) => `${name}: ${value}`)
    answer = [status, statusText, ok, redirected, response.body === null, ...lines].join("\n")
    return { error: undefined, answer: `${answer}\n\n${await response.text()}` }
  } catch (error) {
    return { error: error instanceof Error ? error.name : typeof error, ...(answer === undefined ? {} : { answer }) }
  }
}

/** Pieces one after the other, each in a packet of its own as far as that can be asked for. */
const speak = async (socket: Socket, pieces: ReadonlyArray<string | Uint8Array>): Promise<void> => {
  socket.setNoDelay(true)
  for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve))
  socket.end()
}

/** What reached the server, without what transports say of themselves. */
const heard = async (request: IncomingMessage): Promise<string> => {
  const own = /^(?:accept|accept-encoding|accept-language|connection|host|sec-fetch-mode|user-agent)$/
  const headers = Object.entries(request.headers).filter(
    ([name, value]) => !own.test(name) || ["close", "identity"].includes(String(value))
  )
  return JSON.stringify([
    request.method,
    headers.toSorted(([a], [b]) => (a < b ? -1 : 1)),
    (await bodyOf(request)).toString()
  ])
}

/** Compares what came of a call with what came of the same call of fetch. */
const compare = Effect.fnUntraced(function* ({ send }: TransportBench, what: string, url: string, init: RequestInit) {
  const platform = yield* Effect.promise(() => outcomeOf(() => fetch(url, init)))
  const own = yield* Effect.promise(() =>
    outcomeOf(() =>
      Effect.runPromise(Effect.mapError(send(url, init), ({ error }) => error)).then((r) => r.toResponse())
    )
  )
  yield* same(`the error after ${what}`, own.error, platform.error)
  if (own.answer !== platform.answer) {
    return yield* broken(
      `after ${what}, it answers ${JSON.stringify(own.answer)}, and fetch ${JSON.stringify(platform.answer)}`
    )
  }
})

export const sideBySide: ReadonlyArray<Law<TransportBench>> = [
  {
    id: "answers-are-those-of-fetch",
    guarantees: ["REQ-6"],
    statement:
      "Whatever a server answers, it comes to what it comes to with the platform's fetch: the same answer, or an error.",
    needs: ["fetchLike", "hops"],
    check: Effect.fnUntraced(function* (bench) {
      const all = Object.entries(answers)
      const { url } = yield* bench.serve(({ socket, url: path }) =>
        speak(socket, all[Number(path?.slice(1))]?.[1] ?? [])
      )
      for (const [i, [what]] of all.entries()) yield* compare(bench, what, `${url}${i}`, { redirect: "manual" })
    })
  },
  {
    id: "requests-are-those-of-fetch",
    guarantees: ["REQ-6"],
    statement:
      "Whatever a call asks for, what arrives is what the platform's fetch would send, or nothing with the same error.",
    needs: ["fetchLike"],
    check: Effect.fnUntraced(function* (bench) {
      const { url } = yield* bench.serve(async (request, response) => response.end(await heard(request)))
      for (const [what, init] of Object.entries(calls)) yield* compare(bench, what, url, init)
    })
  }
]
