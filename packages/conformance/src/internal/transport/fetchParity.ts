import * as Effect from "effect/Effect"
import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import { runInNewContext } from "node:vm"
import { gzipSync } from "node:zlib"
import { type Checks, ensureEqual, violated } from "../checks.ts"
import type { TransportFixture } from "./fixture.ts"
import { bodyOf } from "./server.ts"

const zipped = gzipSync("zipped ".repeat(100))

const head = (...lines: ReadonlyArray<string>): string => `HTTP/1.1 ${lines.join("\r\n")}\r\n\r\n`

/** Responses, byte by byte, that clients are known to read differently. */
const responses: Readonly<Record<string, ReadonlyArray<string | Uint8Array>>> = {
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
  "an empty gzip": [head("200 OK", "content-encoding: gzip", "content-length: 0")],
  "an empty br": [head("200 OK", "content-encoding: br", "content-length: 0")],
  "half a gzip": [head("200 OK", "content-encoding: gzip", "connection: close"), zipped.subarray(0, 20)],
  "text instead of gzip": [head("200 OK", "content-encoding: gzip", "content-length: 4"), "text"],
  "gzip and an unknown coding": [head("200 OK", "content-encoding: gzip, x-own", "content-length: 4"), "text"],
  "six codings": [head("200 OK", `content-encoding: ${"gzip, ".repeat(5)}gzip`, "content-length: 4"), "text"],
  "a byte order mark": [head("200 OK", "content-length: 7"), "\uFEFFtext"],
  "invalid UTF-8": [head("200 OK", "content-length: 4"), Uint8Array.of(0xff, 0x61, 0xc3, 0x28)],
  "an early hint": [head("103 Early Hints", "link: </a>"), head("200 OK", "content-length: 2"), "ok"],
  "an unrequested upgrade": [head("101 Switching Protocols", "upgrade: x", "connection: upgrade")],
  "another protocol": ["ICY 200 OK\r\n\r\n"],
  "nothing at all": [""]
}

/** Values of another realm: their classes are not those of this module. */
const foreign = (expression: string) => runInNewContext(expression) as NonNullable<RequestInit["body"]>

/** Requests that clients are known to send differently. */
const requests: Readonly<Record<string, RequestInit>> = {
  HEAD: { method: "HEAD" },
  "a POST": { method: "POST", body: "text" },
  "a POST without a body": { method: "POST" },
  "a DELETE with a body": { method: "DELETE", body: "text" },
  "an OPTIONS": { method: "OPTIONS" },
  "a method in small letters": { method: "put", body: "text" },
  "a buffer of another realm": { method: "POST", body: foreign("Uint8Array.of(97, 98, 99).buffer") },
  "bytes of another realm": { method: "POST", body: foreign("Uint8Array.of(97, 98, 99).subarray(1)") },
  "numbers of another realm": { method: "POST", body: foreign("Uint16Array.of(0x6261)") },
  "a view of another realm": { method: "POST", body: foreign("new DataView(Uint8Array.of(97, 98, 99).buffer, 1)") },
  "a string object of another realm": { method: "POST", body: foreign("new String('text')") },
  "an object of another realm": { method: "POST", body: foreign("({ toString: () => 'text' })") },
  "a number": { method: "POST", body: 5 as unknown as string },
  "a custom method": { method: "X-OWN" },
  "an empty method": { method: "" },
  "a header without a value": { headers: { "x-own": "" } },
  "spaces around a value": { headers: { "x-own": "  a b  " } },
  "a value in Latin-1": { headers: { "x-own": "é" } },
  "a value outside of Latin-1": { headers: { "x-own": "ключ" } },
  "the same header twice": {
    headers: [
      ["x-own", "1"],
      ["X-Own", "2"]
    ]
  },
  "the same header in two cases": { headers: { "x-own": "1", "X-Own": "2" } },
  "an empty name": { headers: { "": "1" } },
  "a wrong length": { method: "POST", body: "text", headers: { "content-length": "5" } },
  "its own transfer encoding": { method: "POST", body: "text", headers: { "transfer-encoding": "chunked" } },
  "an expectation": { method: "POST", body: "text", headers: { expect: "100-continue" } },
  "connection: close": { headers: { connection: "close" } },
  "an upgrade": { headers: { connection: "upgrade", upgrade: "x" } },
  "its own accept-encoding": { headers: { "accept-encoding": "identity" } }
}

/** The result of a request, as far as its caller can see. */
interface Outcome {
  readonly error: string | undefined
  readonly response?: string
}

/** Headers that depend on the connection or the time. */
const volatile = new Set(["connection", "date", "keep-alive", "transfer-encoding"])

const outcomeOf = async (send: () => Promise<Response>): Promise<Outcome> => {
  let seen: string | undefined
  try {
    const response = await send()
    const { headers, ok, redirected, status, statusText } = response
    const lines = [...headers].filter(([name]) => !volatile.has(name)).map(([name, value]) => `${name}: ${value}`)
    seen = [status, statusText, ok, redirected, response.body === null, ...lines].join("\n")
    return { error: undefined, response: `${seen}\n\n${await response.text()}` }
  } catch (error) {
    return {
      error: error instanceof Error ? error.name : typeof error,
      ...(seen === undefined ? {} : { response: seen })
    }
  }
}

/** Sends pieces one after the other, each in its own packet if possible. */
const sendPieces = async (socket: Socket, pieces: ReadonlyArray<string | Uint8Array>): Promise<void> => {
  socket.setNoDelay(true)
  for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve))
  socket.end()
}

/** What the server received, without the headers that describe the transport. */
const received = async (request: IncomingMessage): Promise<string> => {
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

/** Compares the outcome of a request with the outcome of the same request by fetch. */
const compare = Effect.fnUntraced(function* ({ send }: TransportFixture, what: string, url: string, init: RequestInit) {
  const platform = yield* Effect.promise(() => outcomeOf(() => fetch(url, init)))
  const own = yield* Effect.promise(() =>
    outcomeOf(() =>
      Effect.runPromise(Effect.mapError(send(url, init), ({ error }) => error)).then((r) => r.toResponse())
    )
  )
  yield* ensureEqual(`the error after ${what}`, own.error, platform.error)
  if (own.response !== platform.response) {
    return yield* violated(
      `after ${what}, the response is ${JSON.stringify(own.response)}, and with fetch ${JSON.stringify(platform.response)}`
    )
  }
})

export const fetchParity: Checks<TransportFixture> = {
  "same-responses-as-fetch": {
    behaviour: "Unusual responses lead to the same response or error as with the platform's fetch.",
    guarantees: ["REQ-6"],
    requires: ["fetchLike", "redirects"],
    *check(fixture) {
      const all = Object.entries(responses)
      const { url } = yield* fixture.serve(({ socket, url: path }) =>
        sendPieces(socket, all[Number(path?.slice(1))]?.[1] ?? [])
      )
      for (const [i, [what]] of all.entries()) yield* compare(fixture, what, `${url}${i}`, { redirect: "manual" })
    }
  },
  "same-requests-as-fetch": {
    behaviour: "Unusual requests are sent as the platform's fetch sends them, or reject with the same error.",
    guarantees: ["REQ-6"],
    requires: ["fetchLike"],
    *check(fixture) {
      const { url } = yield* fixture.serve(async (request, response) => response.end(await received(request)))
      for (const [what, init] of Object.entries(requests)) yield* compare(fixture, what, url, init)
    }
  }
}
