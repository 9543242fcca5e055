import * as Effect from "effect/Effect"
import type { IncomingMessage } from "node:http"
import { type Checks, ensure, ensureEqual, violated } from "../checks.ts"
import { platformSend } from "./assertions.ts"
import type { TransportFixture } from "./fixture.ts"
import { bodyOf, type Handler } from "./server.ts"

interface Received {
  readonly method: string | undefined
  readonly target: string | undefined
  readonly headers: IncomingMessage["headers"]
  readonly body: Buffer
}

/** Records every request with its body. */
const recording = () => {
  const received: Array<Received> = []
  const handler: Handler = async (request, response) => {
    const body = await bodyOf(request)
    received.push({ method: request.method, target: request.url, headers: request.headers, body })
    response.end("received")
  }
  return { received, handler }
}

/** Sends one request, and returns what the server received. */
const receivedFrom = Effect.fnUntraced(function* ({ send, serve }: TransportFixture, path: string, init: RequestInit) {
  const { handler, received } = recording()
  const { url } = yield* serve(handler)
  yield* send(`${url}${path}`, init)
  const [first] = received
  return first ?? (yield* violated("the request did not arrive"))
})

const receivedFromPlatform = (fixture: TransportFixture, init: RequestInit) =>
  receivedFrom({ ...fixture, send: platformSend }, "", init)

const bytes = Uint8Array.from({ length: 512 }, (_, i) => i % 256)

const form = () => {
  const parts = new FormData()
  parts.append("name", "vålue")
  parts.append("file", new File([bytes], "ä.bin", { type: "application/x-bytes" }))
  return parts
}

/** Bodies of every kind that can be sent twice, the content type that fetch sets for them, and their bytes. */
const bodies: ReadonlyArray<
  readonly [
    kind: string,
    body: NonNullable<RequestInit["body"]>,
    type: string | undefined,
    bytes: Uint8Array | undefined
  ]
> = [
  ["a string", "tëxt 🗝", "text/plain;charset=UTF-8", Buffer.from("tëxt 🗝")],
  ["no text", "", "text/plain;charset=UTF-8", Buffer.from("")],
  ["bytes", bytes, undefined, bytes],
  ["a part of bytes", bytes.subarray(3, 260), undefined, bytes.subarray(3, 260)],
  ["a view", new DataView(bytes.buffer, 5, 100), undefined, bytes.subarray(5, 105)],
  ["a buffer", bytes.slice().buffer, undefined, bytes],
  ["a blob", new Blob([bytes], { type: "application/x-blob" }), "application/x-blob", bytes],
  ["a blob without a type", new Blob([bytes]), undefined, bytes],
  [
    "parameters",
    new URLSearchParams({ a: "1 2", ü: "&" }),
    "application/x-www-form-urlencoded;charset=UTF-8",
    Buffer.from("a=1+2&%C3%BC=%26")
  ],
  ["a form", form(), "multipart/form-data; boundary=", undefined]
]

/** Headers of HTTP itself, and those that describe the transport. */
const ownHeaders = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "cache-control",
  "connection",
  "content-length",
  "content-type",
  "host",
  "keep-alive",
  "pragma",
  "sec-fetch-mode",
  "te",
  "transfer-encoding",
  "user-agent"
])

export const requests: Checks<TransportFixture> = {
  "request-target": {
    behaviour: "Path and query are sent as they are in the URL, and the fragment is not sent.",
    guarantees: ["REQ-3"],
    *check(fixture) {
      for (const path of [
        "",
        "a/b%2Fc/%2e%2e%2fd?e=f%20g&h=%C3%BC+i",
        "a//b/",
        "?q=http://elsewhere.test/",
        "~!$&'()*,;=:@"
      ]) {
        const { target } = yield* receivedFrom(fixture, `${path}#fragment`, {})
        yield* ensureEqual("the target", target, `/${path}`)
      }
    }
  },
  "request-method": {
    behaviour: "Every method is sent, in capitals where fetch would do so, and GET is the default.",
    guarantees: ["REQ-6"],
    *check(fixture) {
      yield* ensureEqual("the method", (yield* receivedFrom(fixture, "", {})).method, "GET")
      for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT", "get", "post"]) {
        yield* ensureEqual("the method", (yield* receivedFrom(fixture, "", { method })).method, method.toUpperCase())
      }
    }
  },
  "request-headers": {
    behaviour: "The caller's headers are sent, in any form that fetch accepts, and override the transport's own.",
    guarantees: ["REQ-6"],
    *check(fixture) {
      const headers = { "X-Own": "1", accept: "application/json", "user-agent": "own/1", "content-type": "text/csv" }
      for (const given of [headers, new Headers(headers), Object.entries(headers)] satisfies ReadonlyArray<
        NonNullable<RequestInit["headers"]>
      >) {
        const received = yield* receivedFrom(fixture, "", { method: "POST", body: "a,b", headers: given })
        for (const [name, value] of Object.entries(headers))
          yield* ensureEqual(name, received.headers[name.toLowerCase()], value)
      }
    }
  },
  "no-added-headers": {
    behaviour: "A transport adds no headers but those of HTTP itself and those that describe the transport.",
    guarantees: ["REQ-6", "SEC-1"],
    *check(fixture) {
      for (const init of [{}, { method: "POST", body: "text" }]) {
        const { headers } = yield* receivedFrom(fixture, "", init)
        const added = Object.keys(headers).filter((name) => !ownHeaders.has(name))
        yield* ensure(added.length === 0, `it added ${added.join(", ")}`)
      }
    }
  },
  authorization: {
    behaviour: "Authorization is sent once, as it was given, and never with a later request that has none.",
    guarantees: ["SEC-1", "REQ-5"],
    *check({ send, serve }) {
      const server = yield* serve((_, response) => response.end())
      const values = ["Bearer abc.DEF-_~+/123==", undefined, "Basic dTpw", undefined]
      for (const value of values)
        yield* send(server.url, value === undefined ? {} : { headers: { authorization: value } })
      for (const [i, value] of values.entries()) {
        const found = server.requests[i]?.headersDistinct["authorization"]
        yield* ensureEqual("Authorization", found?.join(" and "), value)
      }
    }
  },
  "request-bodies": {
    behaviour:
      "Strings, bytes, blobs, parameters and forms are sent byte by byte, with the content type that fetch sets.",
    guarantees: ["REQ-2"],
    *check(fixture) {
      for (const [kind, body, type, expected] of bodies) {
        const received = yield* receivedFrom(fixture, "", { method: "POST", body })
        const found = received.headers["content-type"]
        const isTyped = type === undefined || type === "" ? found === undefined : found?.startsWith(type) === true
        // Bun's fetch sets no type for a string.
        const isUsual =
          !isTyped && found === (yield* receivedFromPlatform(fixture, { method: "POST", body })).headers["content-type"]
        yield* ensure(isTyped || isUsual, `the type of ${kind} is ${found}, not ${type}`)
        if (expected !== undefined)
          yield* ensure(received.body.equals(expected), `${kind} did not arrive as it was given`)
        else yield* expectForm(received)
      }
    }
  },
  "content-length": {
    behaviour: "The length of a body is sent if it is known, and a POST without a body has length 0.",
    guarantees: ["REQ-2"],
    *check(fixture) {
      for (const [kind, body, , expected] of bodies) {
        const { headers, body: sent } = yield* receivedFrom(fixture, "", { method: "PUT", body })
        yield* ensureEqual(`the length of ${kind}`, headers["content-length"], `${(expected ?? sent).byteLength}`)
      }
      yield* ensureEqual(
        "the length of no body",
        (yield* receivedFrom(fixture, "", { method: "POST" })).headers["content-length"],
        "0"
      )
    }
  },
  "invalid-requests": {
    behaviour: "A body on GET and a method or header that fetch forbids reject with a TypeError, and nothing is sent.",
    guarantees: ["REQ-6"],
    *check({ send, serve }) {
      const server = yield* serve((_, response) => response.end())
      const elsewhere = yield* serve((_, response) => response.end())
      const wrong: ReadonlyArray<RequestInit> = [
        { method: "GET", body: "text" },
        { method: "HEAD", body: "text" },
        { method: "CONNECT" },
        { method: "TRACE" },
        { method: "A B" },
        { headers: { "a b": "1" } },
        { headers: { a: "1\r\nb: 2" } }
      ]
      for (const init of wrong) {
        // Bun's fetch sends TRACE.
        if (yield* Effect.isSuccess(platformSend(elsewhere.url, init))) continue
        const error = yield* Effect.flip(Effect.mapError(send(server.url, init), (rejected) => rejected.error)).pipe(
          Effect.catch(() => violated(`${JSON.stringify(init)} was sent`))
        )
        yield* ensure(error instanceof TypeError, `${JSON.stringify(init)} rejected with ${String(error)}`)
      }
      yield* ensureEqual("the number of requests", server.requests.length, 0)
    }
  }
}

const expectForm = Effect.fnUntraced(function* ({ body, headers }: Received) {
  const parsed = yield* Effect.tryPromise(() =>
    new Response(new Uint8Array(body), { headers: { "content-type": headers["content-type"] ?? "" } }).formData()
  )
  yield* ensureEqual("the form's field", parsed.get("name"), "vålue")
  const file = parsed.get("file")
  if (!(file instanceof File)) return yield* violated("the form's file is not a File")
  yield* ensureEqual("the file's name", file.name, "ä.bin")
  // In the raw body: how a form is parsed is up to the platform.
  yield* ensure(body.includes("application/x-bytes"), "the file's type did not arrive")
  const content = Buffer.from(yield* Effect.tryPromise(() => file.arrayBuffer()))
  yield* ensure(content.equals(bytes), "the form's file did not arrive as it was given")
})
