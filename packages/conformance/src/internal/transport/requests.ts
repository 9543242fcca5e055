import * as Effect from "effect/Effect"
import type { IncomingMessage } from "node:http"
import type { Law } from "../../Law.ts"
import type { TransportBench } from "./bench.ts"
import { broken, ensure, platformSend, same } from "./expectations.ts"
import { bodyOf, type Handler } from "./server.ts"

interface Seen {
  readonly method: string | undefined
  readonly target: string | undefined
  readonly headers: IncomingMessage["headers"]
  readonly body: Buffer
}

/** Keeps every request with its body. */
const keeping = () => {
  const seen: Array<Seen> = []
  const handler: Handler = async (request, response) => {
    const body = await bodyOf(request)
    seen.push({ method: request.method, target: request.url, headers: request.headers, body })
    response.end("seen")
  }
  return { seen, handler }
}

/** Sends one request, and what the server saw of it. */
const seenOf = Effect.fnUntraced(function* ({ send, serve }: TransportBench, path: string, init: RequestInit) {
  const { handler, seen } = keeping()
  const { url } = yield* serve(handler)
  yield* send(`${url}${path}`, init)
  const [first] = seen
  return first ?? (yield* broken("the request did not arrive"))
})

const seenFromPlatform = (bench: TransportBench, init: RequestInit) =>
  seenOf({ ...bench, send: platformSend }, "", init)

const bytes = Uint8Array.from({ length: 512 }, (_, i) => i % 256)

const form = () => {
  const parts = new FormData()
  parts.append("name", "vålue")
  parts.append("file", new File([bytes], "ä.bin", { type: "application/x-bytes" }))
  return parts
}

/** Bodies of every kind that can be sent more than once, the type that fetch declares for them, and their bytes. */
const bodies: ReadonlyArray<
  readonly [kind: string, body: BodyInit, type: string | undefined, bytes: Uint8Array | undefined]
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

/** Headers of HTTP itself, and what a transport says of itself. */
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

export const requests: ReadonlyArray<Law<TransportBench>> = [
  {
    id: "target-goes-as-given",
    guarantees: ["REQ-3"],
    statement: "Path and query are sent as the URL has them, and its fragment is not.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      for (const path of [
        "",
        "a/b%2Fc/%2e%2e%2fd?e=f%20g&h=%C3%BC+i",
        "a//b/",
        "?q=http://elsewhere.test/",
        "~!$&'()*,;=:@"
      ]) {
        const { target } = yield* seenOf(bench, `${path}#fragment`, {})
        yield* same("the target", target, `/${path}`)
      }
    })
  },
  {
    id: "method-goes-as-given",
    guarantees: ["REQ-6"],
    statement: "Every method arrives, in capitals where fetch would write them; GET is what goes without one.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      yield* same("the method", (yield* seenOf(bench, "", {})).method, "GET")
      for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT", "get", "post"]) {
        yield* same("the method", (yield* seenOf(bench, "", { method })).method, method.toUpperCase())
      }
    })
  },
  {
    id: "headers-go-as-given",
    guarantees: ["REQ-6"],
    statement: "The caller's headers arrive, whatever form they are given in, and win over the transport's own.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      const headers = { "X-Own": "1", accept: "application/json", "user-agent": "own/1", "content-type": "text/csv" }
      for (const given of [
        headers,
        new Headers(headers),
        Object.entries(headers)
      ] satisfies ReadonlyArray<HeadersInit>) {
        const seen = yield* seenOf(bench, "", { method: "POST", body: "a,b", headers: given })
        for (const [name, value] of Object.entries(headers)) yield* same(name, seen.headers[name.toLowerCase()], value)
      }
    })
  },
  {
    id: "headers-are-not-added",
    guarantees: ["REQ-6", "SEC-1"],
    statement: "A transport adds no header but those of HTTP itself and what it says of itself.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      for (const init of [{}, { method: "POST", body: "text" }]) {
        const { headers } = yield* seenOf(bench, "", init)
        const added = Object.keys(headers).filter((name) => !ownHeaders.has(name))
        yield* ensure(added.length === 0, `it added ${added.join(", ")}`)
      }
    })
  },
  {
    id: "authorization-goes-as-given",
    guarantees: ["SEC-1", "REQ-5"],
    statement:
      "Authorization arrives as it was given, once; without one there is none, also after a request that had one.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const place = yield* serve((_, response) => response.end())
      const values = ["Bearer abc.DEF-_~+/123==", undefined, "Basic dTpw", undefined]
      for (const value of values)
        yield* send(place.url, value === undefined ? {} : { headers: { authorization: value } })
      for (const [i, value] of values.entries()) {
        const found = place.requests[i]?.headersDistinct["authorization"]
        yield* same("Authorization", found?.join(" and "), value)
      }
    })
  },
  {
    id: "bodies-go-as-given",
    guarantees: ["REQ-2"],
    statement: "Strings, bytes, blobs, parameters and forms arrive byte by byte, with the type that fetch declares.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      for (const [kind, body, type, expected] of bodies) {
        const seen = yield* seenOf(bench, "", { method: "POST", body })
        const found = seen.headers["content-type"]
        const isTyped = type === undefined || type === "" ? found === undefined : found?.startsWith(type) === true
        // Bun's fetch declares no type for a string.
        const isUsual =
          !isTyped && found === (yield* seenFromPlatform(bench, { method: "POST", body })).headers["content-type"]
        yield* ensure(isTyped || isUsual, `the type of ${kind} is ${found}, not ${type}`)
        if (expected !== undefined) yield* ensure(seen.body.equals(expected), `${kind} did not arrive as it was given`)
        else yield* expectForm(seen)
      }
    })
  },
  {
    id: "lengths-are-told",
    guarantees: ["REQ-2"],
    statement: "The length of a body that is known goes along, and a POST without a body says that it has none.",
    needs: [],
    check: Effect.fnUntraced(function* (bench) {
      for (const [kind, body, , expected] of bodies) {
        const { headers, body: sent } = yield* seenOf(bench, "", { method: "PUT", body })
        yield* same(`the length of ${kind}`, headers["content-length"], `${(expected ?? sent).byteLength}`)
      }
      yield* same(
        "the length of no body",
        (yield* seenOf(bench, "", { method: "POST" })).headers["content-length"],
        "0"
      )
    })
  },
  {
    id: "calls-are-checked",
    guarantees: ["REQ-6"],
    statement:
      "A body on GET, a method that fetch forbids and a header that HTTP forbids reject with a TypeError, unsent.",
    needs: [],
    check: Effect.fnUntraced(function* ({ send, serve }) {
      const place = yield* serve((_, response) => response.end())
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
        const error = yield* Effect.flip(Effect.mapError(send(place.url, init), (rejected) => rejected.error)).pipe(
          Effect.catch(() => broken(`${JSON.stringify(init)} was sent`))
        )
        yield* ensure(error instanceof TypeError, `${JSON.stringify(init)} rejected with ${String(error)}`)
      }
      yield* same("the number of requests", place.requests.length, 0)
    })
  }
]

const expectForm = Effect.fnUntraced(function* ({ body, headers }: Seen) {
  const parsed = yield* Effect.tryPromise(() =>
    new Response(new Uint8Array(body), { headers: { "content-type": headers["content-type"] ?? "" } }).formData()
  )
  yield* same("the form's field", parsed.get("name"), "vålue")
  const file = parsed.get("file")
  if (!(file instanceof File)) return yield* broken("the form's file is no file")
  yield* same("the file's name", file.name, "ä.bin")
  // As it came: what a form is parsed into is the platform's own matter.
  yield* ensure(body.includes("application/x-bytes"), "the file's type did not arrive")
  const content = Buffer.from(yield* Effect.tryPromise(() => file.arrayBuffer()))
  yield* ensure(content.equals(bytes), "the form's file did not arrive as it was given")
})
