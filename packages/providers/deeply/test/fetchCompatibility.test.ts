import { describe, expect, it } from "vitest"
import { clientOf, rejection } from "./support/clients.ts"
import { bareFetch, type Fetch, outcomeOf, playground } from "./support/fetchComparison.ts"
import { ok, rawApi, rawServer } from "./support/servers.ts"

type Case = readonly [name: string, run: (fetch: Fetch, url: string) => unknown]

/** Compares the outcome of each case with the platform's fetch, for a client's first call and for a later one. */
const asWithFetch = (cases: ReadonlyArray<Case>) =>
  it.each(cases)("REQ-6: %s behaves as with fetch, on the first call and with a cached token", async (_, run) => {
    const server = await playground()
    const expected = await outcomeOf(() => run(bareFetch, server.url))
    const { fetch } = clientOf(server)
    expect(await outcomeOf(() => run(fetch, server.url))).toEqual(expected)
    await fetch("/echo")
    expect(await outcomeOf(() => run(fetch, server.url))).toEqual(expected)
  })

const any = (value: unknown) => value as never
const bytes = Uint8Array.from([0, 1, 254, 255])
const streamed = () => new Blob([bytes, "text"]).stream()
const half = { duplex: "half" } as RequestInit
const form = () => {
  const data = new FormData()
  data.append("file", new File([bytes], "a.bin"))
  return data
}

describe("REQ-6: requests", () => {
  asWithFetch([
    ["a string", (fetch, url) => fetch(`${url}/echo`)],
    ["a URL object", (fetch, url) => fetch(new URL("/echo?a=1#b", url))],
    ["a Request", (fetch, url) => fetch(new Request(`${url}/echo`))],
    ["an object whose toString() is a URL", (fetch, url) => fetch(any({ toString: () => `${url}/echo` }))],
    ["a query and a fragment", (fetch, url) => fetch(`${url}/echo?a=1&a=2&b=%20+ü#part`)],
    ["an undefined init", (fetch, url) => fetch(`${url}/echo`, undefined)],
    ["a null init", (fetch, url) => fetch(`${url}/echo`, any(null))],
    ["an empty init", (fetch, url) => fetch(`${url}/echo`, {})],
    ["a HEAD", (fetch, url) => fetch(`${url}/echo`, { method: "HEAD" })],
    ["an OPTIONS", (fetch, url) => fetch(`${url}/echo`, { method: "OPTIONS" })],
    ["a lower-case method", (fetch, url) => fetch(`${url}/echo`, { method: "put", body: "x" })],
    ["a custom method", (fetch, url) => fetch(`${url}/echo`, { method: "REPORT", body: "x" })],
    ["a string body", (fetch, url) => fetch(`${url}/echo`, { method: "POST", body: "grüße" })],
    ["bytes", (fetch, url) => fetch(`${url}/echo`, { method: "POST", body: bytes })],
    ["a form", (fetch, url) => fetch(`${url}/echo`, { method: "POST", body: form() })],
    ["URL parameters", (fetch, url) => fetch(`${url}/echo`, { method: "POST", body: new URLSearchParams("a=ü") })],
    ["a typed Blob", (fetch, url) => fetch(`${url}/echo`, { method: "POST", body: new Blob(["x"], { type: "a/b" }) })],
    ["a number as body", (fetch, url) => fetch(`${url}/echo`, { method: "POST", body: any(42) })],
    ["a null body", (fetch, url) => fetch(`${url}/echo`, { method: "POST", body: null })],
    ["a stream", (fetch, url) => fetch(`${url}/echo`, { method: "POST", body: streamed(), ...half })],
    ["a DELETE with a body", (fetch, url) => fetch(`${url}/echo`, { method: "DELETE", body: "x" })],
    ["headers in an object", (fetch, url) => fetch(`${url}/echo`, { headers: { "X-Own": "1", accept: "a/b" } })],
    [
      "headers in pairs, one twice",
      (fetch, url) =>
        fetch(`${url}/echo`, {
          headers: [
            ["x-own", "1"],
            ["X-Own", "2"]
          ]
        })
    ],
    ["headers in Headers", (fetch, url) => fetch(`${url}/echo`, { headers: new Headers({ "user-agent": "own" }) })],
    ["headers in a Map", (fetch, url) => fetch(`${url}/echo`, { headers: any(new Map([["x-own", "1"]])) })],
    ["a header value that is a number", (fetch, url) => fetch(`${url}/echo`, { headers: any({ "x-own": 1 }) })],
    ["undefined headers", (fetch, url) => fetch(`${url}/echo`, any({ headers: undefined }))],
    ["a POST Request", (fetch, url) => fetch(new Request(`${url}/echo`, { method: "POST", body: "x" }))],
    ["a form in a Request", (fetch, url) => fetch(new Request(`${url}/echo`, { method: "POST", body: form() }))],
    [
      "a stream in a Request",
      (fetch, url) => fetch(new Request(`${url}/echo`, { method: "POST", body: streamed(), ...half }))
    ],
    ["a Request with headers", (fetch, url) => fetch(new Request(`${url}/echo`, { headers: { "x-own": "1" } }))],
    [
      "a Request and an init",
      (fetch, url) =>
        fetch(new Request(`${url}/echo`, { method: "POST", body: "x", headers: { "x-own": "1" } }), { method: "PUT" })
    ],
    [
      "a Request and another body",
      (fetch, url) => fetch(new Request(`${url}/echo`, { method: "POST", body: "x" }), { body: "other" })
    ],
    [
      "a Request and other headers",
      (fetch, url) => fetch(new Request(`${url}/echo`, { headers: { "x-own": "1" } }), { headers: { "x-new": "1" } })
    ],
    [
      "options that have no effect in Node",
      (fetch, url) =>
        fetch(`${url}/echo`, {
          cache: "no-store",
          credentials: "omit",
          mode: "cors",
          keepalive: false,
          referrerPolicy: "no-referrer"
        })
    ]
  ])
})

/** What a `Request` of another realm is: an object of no class of this realm, with all members on its prototype. */
const foreignRequest = (request: Request): RequestInit => {
  const members = Object.getOwnPropertyNames(Request.prototype).filter((name) => name !== "constructor")
  const prototype = Object.create(
    null,
    Object.fromEntries(members.map((name) => [name, { get: () => Reflect.get(request, name, request) as unknown }]))
  )
  return Object.create(prototype) as RequestInit
}

class Settings {
  readonly #secret = "x"
  get method() {
    return "PUT"
  }
  get body() {
    return this.#secret
  }
  get headers() {
    return { "x-own": "1" }
  }
}

const word = (text: string) => any({ toString: () => text })

describe("REQ-6: inits of every form", () => {
  const post = (url: string) => new Request(url, { method: "POST", body: "text", headers: { "x-own": "1" }, ...half })
  asWithFetch([
    ["an instance of a class", (fetch, url) => fetch(`${url}/echo`, new Settings())],
    ["an instance of a class after a Request", (fetch, url) => fetch(post(`${url}/echo`), new Settings())],
    ["an init that inherits", (fetch, url) => fetch(`${url}/echo`, Object.create(new Settings()) as RequestInit)],
    [
      "an init without a prototype",
      (fetch, url) => fetch(`${url}/echo`, Object.assign(Object.create(null), { method: "PUT", body: "x" }))
    ],
    [
      "a function with members",
      (fetch, url) =>
        fetch(
          `${url}/echo`,
          Object.assign(() => 1, { method: "PUT", body: "x" })
        )
    ],
    ["a Request", (fetch, url) => fetch(`${url}/echo`, post("http://x.test/"))],
    ["a Request after a Request", (fetch, url) => fetch(post(`${url}/echo`), new Request("http://x.test/"))],
    ["a Request of another realm", (fetch, url) => fetch(`${url}/echo`, foreignRequest(post("http://x.test/")))],
    [
      "a Request of another realm after a Request",
      (fetch, url) => fetch(post(`${url}/echo`), foreignRequest(new Request("http://x.test/", { method: "PUT" })))
    ],
    [
      "a Request of another realm that redirects",
      (fetch, url) => fetch(`${url}/moved/302`, foreignRequest(new Request("http://x.test/", { redirect: "manual" })))
    ],
    ["a method that is a number", (fetch, url) => fetch(`${url}/echo`, { method: any(5) })],
    ["a method that is null", (fetch, url) => fetch(`${url}/echo`, { method: any(null) })],
    ["a method that is an object, and a redirect", (fetch, url) => fetch(`${url}/moved/303`, { method: word("PUT") })],
    ["a redirect that is an object: follow", (fetch, url) => fetch(`${url}/moved/302`, { redirect: word("follow") })],
    ["a redirect that is an object: manual", (fetch, url) => fetch(`${url}/moved/302`, { redirect: word("manual") })],
    ["a redirect that is an object: error", (fetch, url) => fetch(`${url}/moved/302`, { redirect: word("error") })],
    ["a redirect that is null", (fetch, url) => fetch(`${url}/moved/302`, { redirect: any(null) })],
    ["a redirect that is undefined", (fetch, url) => fetch(`${url}/moved/302`, any({ redirect: undefined }))],
    ["a redirect that is a boolean", (fetch, url) => fetch(`${url}/moved/302`, { redirect: any(false) })],
    ["a redirect in capitals", (fetch, url) => fetch(`${url}/moved/302`, { redirect: any("Manual") })],
    ["a body that is a boolean", (fetch, url) => fetch(`${url}/echo`, { method: "POST", body: any(false) })],
    ["a body that is a bigint", (fetch, url) => fetch(`${url}/echo`, { method: "POST", body: any(1n) })],
    ["a body that is an object", (fetch, url) => fetch(`${url}/echo`, { method: "POST", body: any({ a: 1 }) })],
    ["a body that is a symbol", (fetch, url) => fetch(`${url}/echo`, { method: "POST", body: any(Symbol("x")) })],
    ["a GET with the body 0", (fetch, url) => fetch(`${url}/echo`, { body: any(0) })],
    ["a signal that is null", (fetch, url) => fetch(`${url}/echo`, { signal: null })],
    ["a signal that is a string", (fetch, url) => fetch(`${url}/echo`, { signal: any("x") })],
    ["headers that are null", (fetch, url) => fetch(`${url}/echo`, { headers: any(null) })],
    ["headers that are a string", (fetch, url) => fetch(`${url}/echo`, { headers: any("x: 1") })],
    ["headers that are a boolean", (fetch, url) => fetch(`${url}/echo`, { headers: any(true) })],
    ["an init that is a string", (fetch, url) => fetch(`${url}/echo`, any("POST"))],
    ["an init that is a boolean", (fetch, url) => fetch(`${url}/echo`, any(true))],
    ["an init that is a string after a Request", (fetch, url) => fetch(post(`${url}/echo`), any("POST"))]
  ])

  it("REQ-3: a redirect option that is not a string does not pass by `redirects: refuse`", async () => {
    const elsewhere = await rawServer(ok)
    const server = await rawApi((_, response) => response.writeHead(302, { location: elsewhere.url }).end())
    const { fetch } = clientOf(server, { redirects: "refuse" })
    const error = await rejection(fetch("/x", { redirect: word("follow") }))
    expect(error).toMatchObject({ code: "REDIRECT_REFUSED" })
    expect(elsewhere.connections()).toBe(0)
  })
})

describe("REQ-6: responses", () => {
  asWithFetch([
    ...[200, 201, 204, 205, 300, 304, 400, 402, 403, 404, 410, 418, 422, 429, 500, 502, 503].map((status): Case => [
      `a ${status}`,
      (fetch, url) => fetch(`${url}/status/${status}`)
    ]),
    ["a 404 to a HEAD", (fetch, url) => fetch(`${url}/status/404`, { method: "HEAD" })],
    ["a status text and two cookies", (fetch, url) => fetch(`${url}/reason`)],
    [
      "two cookies, read with getSetCookie()",
      async (fetch, url) => (await fetch(`${url}/reason`)).headers.getSetCookie()
    ],
    ["gzip", (fetch, url) => fetch(`${url}/gzip`)],
    ["brotli", (fetch, url) => fetch(`${url}/br`)],
    ["deflate", (fetch, url) => fetch(`${url}/deflate`)],
    ["a body that is not the gzip it claims to be", (fetch, url) => fetch(`${url}/badgzip`)],
    ["a chunked body", (fetch, url) => fetch(`${url}/stream`)],
    [
      "a body read as bytes",
      async (fetch, url) => [...new Uint8Array(await (await fetch(`${url}/status/200`)).arrayBuffer())]
    ],
    ["json() of a body that is not JSON", async (fetch, url) => (await fetch(`${url}/status/200`)).json()],
    [
      "a body read twice",
      async (fetch, url) => {
        const response = await fetch(`${url}/stream`)
        await response.text()
        return response.text()
      }
    ],
    [
      "a clone",
      async (fetch, url) => {
        const response = await fetch(`${url}/stream`)
        return [await response.clone().text(), await response.text()]
      }
    ],
    [
      "the first chunk of a slow body",
      async (fetch, url) => {
        const reader = (await fetch(`${url}/slow`)).body?.getReader()
        const chunk = await reader?.read()
        await reader?.cancel()
        return new TextDecoder().decode(chunk?.value)
      }
    ],
    ["a redirect", (fetch, url) => fetch(`${url}/moved/302#part`)],
    ["a redirect of a POST", (fetch, url) => fetch(`${url}/moved/303`, { method: "POST", body: "x" })],
    ["a redirect that keeps its body", (fetch, url) => fetch(`${url}/moved/307`, { method: "POST", body: "x" })],
    ["a redirect of a Request", (fetch, url) => fetch(new Request(`${url}/moved/308`, { method: "PUT", body: "x" }))],
    ["a redirect of a HEAD", (fetch, url) => fetch(`${url}/moved/303`, { method: "HEAD" })],
    ["a redirect that changes a PUT to a GET", (fetch, url) => fetch(`${url}/moved/303`, { method: "PUT", body: "x" })],
    ["a redirect that keeps a PUT", (fetch, url) => fetch(`${url}/moved/302`, { method: "PUT", body: "x" })],
    ["a redirect of a POST in lower case", (fetch, url) => fetch(`${url}/moved/301`, { method: "post", body: "x" })],
    ["a redirect with `redirect: manual`", (fetch, url) => fetch(`${url}/moved/302`, { redirect: "manual" })],
    ["a redirect with `redirect: error`", (fetch, url) => fetch(`${url}/moved/302`, { redirect: "error" })],
    ["a connection reset", (fetch, url) => fetch(`${url}/reset`)],
    ["a connection that breaks in the body", (fetch, url) => fetch(`${url}/half`)],
    ["a response that is not HTTP", (fetch, url) => fetch(`${url}/nonsense`)]
  ])
})

describe("REQ-6: invalid requests", () => {
  asWithFetch([
    ["an invalid method", (fetch, url) => fetch(`${url}/echo`, { method: "A B" })],
    ["a forbidden method", (fetch, url) => fetch(`${url}/echo`, { method: "TRACE" })],
    ["CONNECT", (fetch, url) => fetch(`${url}/echo`, { method: "CONNECT" })],
    ["a GET with a body", (fetch, url) => fetch(`${url}/echo`, { body: "x" })],
    ["an invalid header name", (fetch, url) => fetch(`${url}/echo`, { headers: { "a b": "1" } })],
    ["a line break in a header", (fetch, url) => fetch(`${url}/echo`, { headers: { "x-own": "1\r\nx-two: 2" } })],
    ["a header outside Latin-1", (fetch, url) => fetch(`${url}/echo`, { headers: { "x-own": "ключ" } })],
    ["headers that are a number", (fetch, url) => fetch(`${url}/echo`, { headers: any(5) })],
    ["headers that are not pairs", (fetch, url) => fetch(`${url}/echo`, { headers: any([["one"]]) })],
    ["a signal that is not an AbortSignal", (fetch, url) => fetch(`${url}/echo`, { signal: any({}) })],
    ["an unknown cache mode", (fetch, url) => fetch(`${url}/echo`, { cache: any("bogus") })],
    ["an unknown redirect mode", (fetch, url) => fetch(`${url}/echo`, { redirect: any("bogus") })],
    ["an init that is a number", (fetch, url) => fetch(`${url}/echo`, any(5))],
    [
      "an init whose getter throws",
      (fetch, url) =>
        fetch(`${url}/echo`, {
          get method(): string {
            throw new RangeError("own")
          }
        })
    ],
    ["a stream without duplex", (fetch, url) => fetch(`${url}/echo`, { method: "POST", body: streamed() })]
  ])

  it("REQ-6: a call without arguments rejects with a TypeError, as with fetch", async () => {
    const server = await playground()
    const { fetch } = clientOf(server)
    for (const each of [globalThis.fetch, fetch]) {
      expect(await rejection(Reflect.apply(each, undefined, []))).toBeInstanceOf(TypeError)
    }
  })
})
