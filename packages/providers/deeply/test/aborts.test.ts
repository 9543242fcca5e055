import { describe, expect, it } from "vitest"
import { clientOf, eventually, fakeServer, rejection } from "./support/clients.ts"
import { bareFetch, type Fetch, playground } from "./support/fetchComparison.ts"
import type { RawApi } from "./support/servers.ts"

/** The same expectations are checked with the platform's fetch, to prove that the client behaves like it. */
const ways: ReadonlyArray<readonly [name: string, fetchOf: (server: RawApi) => Promise<Fetch>]> = [
  ["the platform's fetch", async () => bareFetch],
  ["a client's first call", async (server) => clientOf(server).fetch],
  [
    "a client in use",
    async (server) => {
      const { fetch } = clientOf(server)
      await fetch("/echo")
      return fetch
    }
  ]
]

/** Resolves when this many pending requests have reached the server. */
const hanging = ({ general }: RawApi, count = 1) =>
  eventually(() => general().filter(({ path }) => path === "/hang").length).toBe(count)

const reason = { why: "the caller's own object" }

describe.each(ways)("REQ-6: aborts, with %s", (_, fetchOf) => {
  const make = async () => {
    const server = await playground()
    return { server, url: server.url, fetch: await fetchOf(server) }
  }

  it("REQ-6: a signal aborted before the call rejects with its reason", async () => {
    const { fetch, url } = await make()
    expect(await rejection(fetch(`${url}/echo`, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(await rejection(fetch(`${url}/echo`, { signal: AbortSignal.abort() }))).toMatchObject({ name: "AbortError" })
    const request = new Request(`${url}/echo`, { signal: AbortSignal.abort(reason) })
    expect(await rejection(fetch(request))).toBe(reason)
  })

  it("REQ-6: an abort right after the call rejects with its reason", async () => {
    const { fetch, url } = await make()
    const abort = new AbortController()
    const call = rejection(fetch(`${url}/hang`, { signal: abort.signal }))
    abort.abort(reason)
    expect(await call).toBe(reason)
  })

  it("REQ-6: an abort while the response is pending rejects with its reason", async () => {
    const { fetch, server, url } = await make()
    const abort = new AbortController()
    const call = rejection(fetch(`${url}/hang`, { signal: abort.signal }))
    await hanging(server)
    abort.abort(reason)
    expect(await call).toBe(reason)
  })

  it("REQ-6: a timeout rejects with a TimeoutError", async () => {
    const { fetch, url } = await make()
    const error = await rejection(fetch(`${url}/hang`, { signal: AbortSignal.timeout(20) }))
    expect(error).toBeInstanceOf(DOMException)
    expect(error).toMatchObject({ name: "TimeoutError" })
  })

  it("REQ-6: the signal of a Request applies, unless the init has one", async () => {
    const { fetch, server, url } = await make()
    const [inRequest, inInit] = [new AbortController(), new AbortController()]
    const request = () => new Request(`${url}/hang`, { signal: inRequest.signal })
    const first = rejection(fetch(request()))
    const second = rejection(fetch(request(), { signal: inInit.signal }))
    await hanging(server, 2)
    inRequest.abort("request's")
    expect(await first).toBe("request's")
    inInit.abort("init's")
    expect(await second).toBe("init's")
  })

  it("REQ-6: an abort while the body is read rejects the read with its reason", async () => {
    const { fetch, url } = await make()
    const abort = new AbortController()
    const response = await fetch(`${url}/slow`, { signal: abort.signal })
    const reading = rejection(response.text())
    abort.abort(reason)
    expect(await reading).toBe(reason)
  })

  it("REQ-6: an abort after the body was read has no effect", async () => {
    const { fetch, url } = await make()
    const abort = new AbortController()
    const response = await fetch(`${url}/stream`, { signal: abort.signal })
    const text = await response.text()
    abort.abort(reason)
    expect([response.status, text]).toEqual([200, "one two"])
  })

  it("REQ-6: a null signal means no signal", async () => {
    const { fetch, url } = await make()
    expect((await fetch(`${url}/echo`, { signal: null })).status).toBe(200)
    const request = new Request(`${url}/echo`, { signal: AbortSignal.abort(reason) })
    expect((await fetch(request, { signal: null })).status).toBe(200)
  })
})

describe("REQ-6: the client's fetch", () => {
  it("REQ-6: an abort closes the request at the server", async () => {
    const server = await playground()
    const { fetch } = clientOf(server)
    await fetch("/echo")
    const abort = new AbortController()
    const call = rejection(fetch("/hang", { signal: abort.signal }))
    await eventually(() => server.general().length).toBe(2)
    abort.abort(reason)
    expect(await call).toBe(reason)
    await eventually(() => server.general()[1]?.aborted).toBe(true)
  })

  it("REQ-6: a refused connection rejects with the platform's error if there is a token", async () => {
    const server = await fakeServer()
    const { fetch } = clientOf(server)
    await fetch("/api/v1/events")
    await server.close()
    // The first request may still use the connection that the server closed.
    await rejection(fetch("/api/v1/events"))
    const error = await rejection(fetch("/api/v1/events"))
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ message: "fetch failed", cause: { code: "ECONNREFUSED" } })
  })

  it("REQ-6: works detached, as a method of another object, and through Reflect", async () => {
    const server = await playground()
    const { fetch } = clientOf(server)
    const other = { fetch }
    const calls = [
      fetch("/echo"),
      fetch.call(undefined, "/echo"),
      other.fetch("/echo"),
      Reflect.apply(fetch, null, ["/echo"])
    ]
    for (const response of await Promise.all(calls)) expect(response.status).toBe(200)
  })

  it("REQ-6: rejects after dispose, and does not throw", async () => {
    const server = await playground()
    const deeply = clientOf(server)
    await deeply.dispose()
    const call = deeply.fetch("/echo")
    expect(call).toBeInstanceOf(Promise)
    expect(await rejection(call)).toMatchObject({ code: "DISPOSED" })
  })
})
