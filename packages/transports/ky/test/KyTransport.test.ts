import { Transport } from "@tokenkeep/core"
import { createDeeply } from "@tokenkeep/deeply"
import { KyTransport } from "@tokenkeep/transport-ky"
import * as Effect from "effect/Effect"
import ky, { HTTPError, type KyInstance, NetworkError } from "ky"
import { describe, expect, it, vi } from "vitest"
import { startApi, startServer } from "./support/apiServer.ts"

const token = { authorization: "Bearer canary" }

const transportOf = (instance?: KyInstance) =>
  Effect.runPromise(Effect.provide(Transport, KyTransport.layer(instance === undefined ? {} : { ky: instance })))

const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error("The promise did not reject.")
    },
    (error: unknown) => error
  )

/** Starts a server that responds with the path, the Authorization and the x-app header of each request. */
const startEcho = () =>
  startServer(({ headers, path }, response) => {
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify([path, headers.authorization ?? null, headers["x-app"] ?? null]))
  })

describe("the instance's hooks", () => {
  it("all run, on requests without the token", async () => {
    const server = await startEcho()
    const seen: Array<unknown> = []
    const { send } = await transportOf(
      ky.create({
        hooks: {
          init: [(options) => void seen.push(new Headers(options.headers as HeadersInit).get("authorization"))],
          beforeRequest: [
            ({ options, request }) => {
              seen.push(request.headers.get("authorization"), options.headers.get("authorization"))
              request.headers.set("x-app", "from a hook")
            }
          ],
          afterResponse: [
            ({ request, response }) => {
              seen.push(request.headers.get("authorization"), response.status)
              return new Response("changed", response)
            }
          ]
        }
      })
    )
    const response = await send(server.url, { headers: token })
    expect(await response.toResponse().text()).toBe("changed")
    expect(seen).toEqual([null, null, null, null, 200])
    expect(server.received[0]?.headers).toMatchObject({ authorization: "Bearer canary", "x-app": "from a hook" })
  })

  it("may respond in place of the server", async () => {
    const { send } = await transportOf(
      ky.create({ hooks: { beforeRequest: [() => new Response("cached", { status: 203 })] } })
    )
    const response = await send("http://unreachable.test/", { headers: token })
    expect([response.status, await response.toResponse().text()]).toEqual([203, "cached"])
  })

  it("REQ-3: may send a request to another origin, but without the token", async () => {
    const [target, other] = [await startEcho(), await startEcho()]
    const moving = ky.create({
      hooks: {
        beforeRequest: [({ request }) => new Request(request.url.replace(target.url, other.url), request)]
      }
    })
    const staying = ky.create({
      hooks: { beforeRequest: [({ request }) => new Request(`${request.url}?signed=1`, request)] }
    })
    const moved = await (await transportOf(moving)).send(`${target.url}/a`, { headers: token })
    expect(await moved.toResponse().json()).toEqual(["/a", null, null])
    const stayed = await (await transportOf(staying)).send(`${target.url}/a`, { headers: token })
    expect(await stayed.toResponse().json()).toEqual(["/a?signed=1", "Bearer canary", null])
  })

  it.each([
    ["out of the base path", (url: string) => url.replace("/deeply/", "/other/")],
    ["out of it with dot segments", (url: string) => url.replace("/deeply/", "/deeply/../other/")],
    ["to another path below it", (url: string) => url.replace("/v1/", "/v2/")],
    ["to a path that begins the same", (url: string) => url.replace("/a?", "/a-others?")]
  ])("REQ-3: may send a request %s, but without the token", async (_, move) => {
    const server = await startApi()
    const moving = ky.create({
      hooks: { beforeRequest: [({ request }) => new Request(move(request.url), request)] }
    })
    const { send } = await transportOf(moving)
    await send(`${server.url}/deeply/v1/a?b=/deeply/`, { headers: token })
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })

  it("REQ-5: cannot replace the Authorization header, and neither can default headers", async () => {
    const server = await startEcho()
    const replacing = ky.create({
      headers: { authorization: "Basic default" },
      hooks: { beforeRequest: [({ request }) => request.headers.set("authorization", "Basic hook")] }
    })
    const { send } = await transportOf(replacing)
    await send(server.url, { headers: token })
    await send(server.url, {})
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual(["Bearer canary", undefined])
  })

  it("REQ-1: cannot cause a retry: core decides about that", async () => {
    const server = await startServer((_, response) => response.writeHead(401).end("refused"))
    const beforeRetry = vi.fn<() => void>()
    const { send } = await transportOf(
      ky.create({
        retry: 5,
        hooks: { beforeRetry: [beforeRetry], afterResponse: [() => ky.retry({ delay: 1 }), async () => ky.retry()] }
      })
    )
    const response = await send(server.url, { headers: token })
    expect([response.status, await response.toResponse().text(), server.received.length]).toEqual([401, "refused", 1])
    expect(beforeRetry).not.toHaveBeenCalled()
  })

  it("may replace the error, and may throw their own", async () => {
    const replacement = new Error("replaced by a hook")
    const changing = await transportOf(ky.create({ hooks: { beforeError: [() => replacement] } }))
    expect(await rejectionOf(changing.send("http://127.0.0.1:1/", { headers: token }))).toBe(replacement)
    const throwing = await transportOf(
      ky.create({
        hooks: {
          afterResponse: [
            ({ options, request, response }) => {
              throw new HTTPError(response, request, options)
            }
          ]
        }
      })
    )
    const server = await startEcho()
    const error = await rejectionOf(throwing.send(server.url, { headers: token }))
    expect(error).toBeInstanceOf(HTTPError)
    expect((error as HTTPError).request.headers.get("authorization")).toBeNull()
  })
})

describe("the instance's options", () => {
  it("uses default headers, search parameters and fetch", async () => {
    const server = await startEcho()
    const sent: Array<string> = []
    const { send } = await transportOf(
      ky.create({
        headers: { "x-app": "reports" },
        searchParams: { version: 2 },
        fetch: (input, init) => {
          sent.push((input as Request).url)
          return fetch(input, init)
        }
      })
    )
    const response = await send(`${server.url}/a?b=c`, { headers: token })
    expect(await response.toResponse().json()).toEqual(["/a?b=c&version=2", "Bearer canary", "reports"])
    expect(sent).toEqual([`${server.url}/a?b=c&version=2`])
  })

  it("ignores retries, timeouts, prefix, baseUrl, method and throwHttpErrors", async () => {
    const server = await startServer(async (_, response) => {
      await new Promise((resolve) => setTimeout(resolve, 120))
      response.writeHead(503, { "retry-after": "0" }).end("busy")
    })
    const { send } = await transportOf(
      ky.create({
        prefix: "http://elsewhere.test/",
        baseUrl: "http://elsewhere.test/",
        method: "post",
        retry: { limit: 3, delay: () => 1, methods: ["get"] },
        timeout: 40,
        totalTimeout: 60,
        throwHttpErrors: (status) => status === 503
      })
    )
    const response = await send(server.url, { headers: token })
    expect([response.status, await response.toResponse().text()]).toEqual([503, "busy"])
    expect(server.received.map(({ method }) => method)).toEqual(["GET"])
  })

  it("REQ-6: rejects with the error of fetch, not wrapped in a NetworkError", async () => {
    const failure = new TypeError("fetch failed", { cause: new Error("why") })
    const { send } = await transportOf(ky.create({ fetch: () => Promise.reject(failure) }))
    expect(await rejectionOf(send("http://api.example.test/", { headers: token }))).toBe(failure)
    expect(failure).not.toBeInstanceOf(NetworkError)
  })

  it("reads the global fetch at each request, so that a replaced one is used", async () => {
    const { send } = await transportOf()
    vi.stubGlobal("fetch", async () => new Response("replaced"))
    try {
      expect(await (await send("http://api.example.test/", {})).toResponse().text()).toBe("replaced")
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

describe("a client with KyTransport", () => {
  it("KEY-1, REQ-1: fetches and renews tokens and repeats requests, and hooks see neither key nor token", async () => {
    const server = await startApi()
    const seen: Array<string | null> = []
    const watched = ky.create({
      hooks: { beforeRequest: [({ request }) => void seen.push(request.headers.get("authorization"))] }
    })
    await using deeply = createDeeply({
      apiKey: server.apiKey,
      host: server.url,
      transport: KyTransport.layer({ ky: watched })
    })
    expect((await deeply.fetch("/a")).status).toBe(200)
    server.revokeTokens()
    const response = await deeply.fetch("/b", { method: "POST", body: "body" })
    expect([response.status, server.issued()]).toEqual([200, 2])
    expect(server.apiRequests().map(({ body, path }) => `${path} ${body}`)).toEqual(["/a ", "/b body", "/b body"])
    expect(seen).toEqual([null, null, null, null, null])
  })
})
