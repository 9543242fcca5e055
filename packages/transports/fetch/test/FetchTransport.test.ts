import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { runInNewContext } from "node:vm"
import { Transport } from "@tokenkeep/core"
import { FetchTransport, type FetchTransportOptions } from "@tokenkeep/transport-fetch"
import * as Effect from "effect/Effect"
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"

afterEach(() => vi.unstubAllGlobals())

const transportOf = (options?: FetchTransportOptions) =>
  Effect.runPromise(Effect.provide(Transport, FetchTransport.layer(options)))

const transportFailingWith = (error: unknown) =>
  transportOf({
    fetch: async () => {
      throw error
    }
  })

/** Starts a server that responds to every request with the given status, and returns its URL. */
const startServer = async (status: number) => {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(status, { location: "/next", "x-test": "1" }).end("body"))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

describe("FetchTransport", () => {
  it.each<[string, unknown]>([
    ["fetch", { fetch: "fetch" }],
    ["fetch", { fetch: null }],
    ["fetcher", { fetcher: fetch }],
    ["options", fetch],
    ["options", null]
  ])("refuses a wrong option %s at once: %o", (option, options) => {
    const reason = { _tag: "ConfigInvalid", option }
    expect(() => FetchTransport.layer(options as FetchTransportOptions)).toThrow(expect.objectContaining({ reason }))
  })

  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["object", null],
    ["string", "text"],
    ["object", { ok: true, json: async () => ({}) }],
    ["object", { status: 200, headers: {} }]
  ])("rejects with an error that names what fetch returned if that is no response: %s, %o", async (type, returned) => {
    const { send } = await transportOf({ fetch: async () => returned as Response })
    await expect(send("http://127.0.0.1/", {})).rejects.toMatchObject({
      reason: { _tag: "ConfigInvalid", option: "fetch" },
      message: `The option fetch returned ${type}, not a Response. Return a Response, or omit it.`
    })
  })

  it("accepts a response of another realm or library", async () => {
    const returned: unknown = { status: 204, headers: new Headers(), body: null }
    const { send } = await transportOf({ fetch: async () => returned as Response })
    expect((await send("http://127.0.0.1/", {})).status).toBe(204)
  })

  it("passes the URL and the init object to the given fetch unchanged", async () => {
    const seen: Array<unknown> = []
    const { send } = await transportOf({
      fetch: async (...args) => {
        seen.push(args)
        return new Response("canned")
      }
    })
    const init = { method: "PUT", headers: { "x-test": "1" }, redirect: "manual" } as const
    await send("https://api.example/x", init)
    expect(seen).toEqual([["https://api.example/x", init]])
    expect((seen[0] as Array<unknown>)[1]).toBe(init)
  })

  it("reads the global fetch at each request, so that a replaced one is used", async () => {
    const { send } = await transportOf()
    vi.stubGlobal("fetch", async () => new Response("replaced"))
    expect(await (await send("https://api.example/", {})).toResponse().text()).toBe("replaced")
  })

  it("SEC-1: removes what a parser's error quotes, also if the error is of another realm", async () => {
    const error = runInNewContext(`
      const cause = Object.assign(new Error("invalid"), { name: "HTTPParserError", data: "canary-3f8d21" })
      new TypeError("fetch failed", { cause })`) as TypeError
    const { send } = await transportFailingWith(error)
    await expect(send("https://api.example/", {})).rejects.toBe(error)
    expect(error.cause).not.toHaveProperty("data")
  })

  it("REQ-6: returns the response of fetch itself, not a copy", async () => {
    const canned = new Response("canned", { status: 404, headers: { "x-test": "1" } })
    const { send } = await transportOf({ fetch: async () => canned })
    const response = await send("https://api.example/", {})
    expect(response.toResponse()).toBe(canned)
    const { toResponse } = response
    expect(toResponse()).toBe(canned)
    expect(response.headers).toBe(canned.headers)
    expect(response.body).toBe(canned.body)
    expect(response.status).toBe(404)
  })

  it.each([200, 302, 401, 403, 429, 500])(
    "REQ-6: resolves a %i over HTTP with its status, headers and body",
    async (status) => {
      const url = await startServer(status)
      const { send, redirects } = await transportOf()
      const response = await send(url, { redirect: "manual" })
      expect([response.status, response.headers.get("x-test"), redirects]).toEqual([status, "1", "visible"])
      expect(response.headers.get("location")).toBe("/next")
      expect(await response.toResponse().text()).toBe("body")
    }
  )

  it.each<[string, unknown]>([
    ["a network error", new TypeError("fetch failed", { cause: new Error("read ECONNRESET") })],
    [
      "an error of another class with the same cause",
      new Error("x", { cause: new Error("expected non-null body source") })
    ],
    ["a TypeError without a cause", new TypeError("expected non-null body source")],
    ["the caller's abort reason", { why: "cancelled" }],
    ["undefined", undefined]
  ])("REQ-6: rejects with %s unchanged", async (_, error) => {
    const { send } = await transportFailingWith(error)
    await expect(
      send("https://api.example/", {}).then(
        () => "resolved",
        (reason: unknown) => [reason]
      )
    ).resolves.toEqual([error])
    const caught = await send("https://api.example/", {}).catch((reason: unknown) => reason)
    expect(caught).toBe(error)
  })

  it("REQ-2: restores the 401 that fetch replaces by an error when it cannot send a stream again", async () => {
    const { send } = await transportFailingWith(
      new TypeError("fetch failed", { cause: new Error("expected non-null body source") })
    )
    const response = await send("https://api.example/", { method: "POST" })
    expect([response.status, response.body]).toEqual([401, null])
  })

  it("REQ-2: resolves with the 401 to a streamed body over HTTP, in every Node release", async () => {
    const { send } = await transportOf()
    const init = { method: "POST", body: new Blob(["text"]).stream(), duplex: "half" } as RequestInit
    expect((await send(await startServer(401), init)).status).toBe(401)
  })

  it("REQ-6: rejects an aborted request with the caller's reason", async () => {
    const { send } = await transportOf()
    const abort = new AbortController()
    const call = send(await startServer(200), { signal: abort.signal })
    const reason = { why: "cancelled" }
    abort.abort(reason)
    await expect(call.catch((error: unknown) => error)).resolves.toBe(reason)
  })

  it("REQ-3: redirects are visible in Node even if a test environment defines a document", async () => {
    vi.stubGlobal("document", {})
    expect((await transportOf()).redirects).toBe("visible")
  })

  it("REQ-3: redirects are hidden in browser windows and workers, and visible elsewhere", async () => {
    vi.stubGlobal("process", undefined)
    expect((await transportOf()).redirects).toBe("visible")
    vi.stubGlobal("document", {})
    expect((await transportOf()).redirects).toBe("hidden")
    vi.stubGlobal("document", undefined)
    Reflect.deleteProperty(globalThis, "document")
    vi.stubGlobal("importScripts", () => undefined)
    expect((await transportOf()).redirects).toBe("hidden")
  })
})
