import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Transport } from "@tokenkeep/core"
import { FetchTransport, type FetchTransportOptions } from "@tokenkeep/transport-fetch"
import * as Effect from "effect/Effect"
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest"

afterEach(() => vi.unstubAllGlobals())

const transportOf = (options?: FetchTransportOptions) =>
  Effect.runPromise(Effect.provide(Transport, FetchTransport.layer(options)))

const failing = (error: unknown) =>
  transportOf({
    fetch: async () => {
      throw error
    }
  })

/** A server that refuses whatever it gets, and tells what that was. */
const refusing = async (status: number) => {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(status, { location: "/next", "x-own": "1" }).end("body"))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

describe("FetchTransport", () => {
  it("hands url and init to the fetch that it was given, as they are", async () => {
    const seen: Array<unknown> = []
    const { send } = await transportOf({
      fetch: async (...args) => {
        seen.push(args)
        return new Response("canned")
      }
    })
    const init = { method: "PUT", headers: { "x-own": "1" }, redirect: "manual" } as const
    await send("https://api.example/x", init)
    expect(seen).toEqual([["https://api.example/x", init]])
    expect((seen[0] as Array<unknown>)[1]).toBe(init)
  })

  it("looks the platform's fetch up at each call, so that a replaced one is used", async () => {
    const { send } = await transportOf()
    vi.stubGlobal("fetch", async () => new Response("replaced"))
    expect(await (await send("https://api.example/", {})).toResponse().text()).toBe("replaced")
  })

  it("REQ-6: hands out the platform's own response, not a copy", async () => {
    const canned = new Response("canned", { status: 404, headers: { "x-own": "1" } })
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
    "REQ-6: a %i over HTTP is a value, with status, headers and body",
    async (status) => {
      const url = await refusing(status)
      const { send, hops } = await transportOf()
      const response = await send(url, { redirect: "manual" })
      expect([response.status, response.headers.get("x-own"), hops]).toEqual([status, "1", "visible"])
      expect(response.headers.get("location")).toBe("/next")
      expect(await response.toResponse().text()).toBe("body")
    }
  )

  it.each<[string, unknown]>([
    ["an error of fetch", new TypeError("fetch failed", { cause: new Error("read ECONNRESET") })],
    [
      "an error of another class with such a cause",
      new Error("x", { cause: new Error("expected non-null body source") })
    ],
    ["a TypeError without a cause", new TypeError("expected non-null body source")],
    ["an abort reason of the caller's", { why: "own" }],
    ["undefined", undefined]
  ])("REQ-6: passes %s on as it is", async (_, error) => {
    const { send } = await failing(error)
    await expect(
      send("https://api.example/", {}).then(
        () => "resolved",
        (reason: unknown) => [reason]
      )
    ).resolves.toEqual([error])
    const caught = await send("https://api.example/", {}).catch((reason: unknown) => reason)
    expect(caught).toBe(error)
  })

  it("REQ-2: gives the 401 back that fetch loses when it wanted to send a stream again", async () => {
    const { send } = await failing(new TypeError("fetch failed", { cause: new Error("expected non-null body source") }))
    const response = await send("https://api.example/", { method: "POST" })
    expect([response.status, response.body]).toEqual([401, null])
  })

  it("REQ-2: a 401 to a stream over HTTP is a 401, whatever the release of Node does with it", async () => {
    const { send } = await transportOf()
    const init = { method: "POST", body: new Blob(["text"]).stream(), duplex: "half" } as RequestInit
    expect((await send(await refusing(401), init)).status).toBe(401)
  })

  it("REQ-6: an abort rejects with the caller's own reason", async () => {
    const { send } = await transportOf()
    const abort = new AbortController()
    const call = send(await refusing(200), { signal: abort.signal })
    const reason = { why: "own" }
    abort.abort(reason)
    await expect(call.catch((error: unknown) => error)).resolves.toBe(reason)
  })

  it("REQ-3: hops are visible in Node even where a test environment brings a document", async () => {
    vi.stubGlobal("document", {})
    expect((await transportOf()).hops).toBe("visible")
  })

  it("REQ-3: hops are hidden in a browser's window and in its workers, and visible elsewhere", async () => {
    vi.stubGlobal("process", undefined)
    expect((await transportOf()).hops).toBe("visible")
    vi.stubGlobal("document", {})
    expect((await transportOf()).hops).toBe("hidden")
    vi.stubGlobal("document", undefined)
    Reflect.deleteProperty(globalThis, "document")
    vi.stubGlobal("importScripts", () => undefined)
    expect((await transportOf()).hops).toBe("hidden")
  })
})
