import { Transport } from "@tokenkeep/core"
import { createDeeply } from "@tokenkeep/deeply"
import { KyTransport } from "@tokenkeep/transport-ky"
import * as Effect from "effect/Effect"
import ky, { HTTPError, type KyInstance, NetworkError } from "ky"
import { describe, expect, it, vi } from "vitest"
import { api, http } from "./support/servers.ts"

const token = { authorization: "Bearer canary" }

const over = (instance?: KyInstance) =>
  Effect.runPromise(Effect.provide(Transport, KyTransport.layer(instance === undefined ? {} : { ky: instance })))

const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error("It was not rejected.")
    },
    (error: unknown) => error
  )

const echo = () =>
  http((seen, response) => {
    response.setHeader("content-type", "application/json")
    response.end(JSON.stringify([seen.path, seen.headers.authorization ?? null, seen.headers["x-app"] ?? null]))
  })

describe("the instance's hooks", () => {
  it("are all run, on requests without the token", async () => {
    const place = await echo()
    const seen: Array<unknown> = []
    const { send } = await over(
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
    const response = await send(place.url, { headers: token })
    expect(await response.toResponse().text()).toBe("changed")
    expect(seen).toEqual([null, null, null, null, 200])
    expect(place.seen[0]?.headers).toMatchObject({ authorization: "Bearer canary", "x-app": "from a hook" })
  })

  it("may answer in place of the server", async () => {
    const { send } = await over(
      ky.create({ hooks: { beforeRequest: [() => new Response("cached", { status: 203 })] } })
    )
    const response = await send("http://nobody.test/", { headers: token })
    expect([response.status, await response.toResponse().text()]).toEqual([203, "cached"])
  })

  it("REQ-3: may take a request to another origin, where the token does not go", async () => {
    const [target, other] = [await echo(), await echo()]
    const moving = ky.create({
      hooks: {
        beforeRequest: [({ request }) => new Request(request.url.replace(target.url, other.url), request)]
      }
    })
    const staying = ky.create({
      hooks: { beforeRequest: [({ request }) => new Request(`${request.url}?signed=1`, request)] }
    })
    const elsewhere = await (await over(moving)).send(`${target.url}/a`, { headers: token })
    expect(await elsewhere.toResponse().json()).toEqual(["/a", null, null])
    const here = await (await over(staying)).send(`${target.url}/a`, { headers: token })
    expect(await here.toResponse().json()).toEqual(["/a?signed=1", "Bearer canary", null])
  })

  it("REQ-5: cannot put another Authorization on the request, nor can default headers", async () => {
    const place = await echo()
    const own = ky.create({
      headers: { authorization: "Basic default" },
      hooks: { beforeRequest: [({ request }) => request.headers.set("authorization", "Basic hook")] }
    })
    const { send } = await over(own)
    await send(place.url, { headers: token })
    await send(place.url, {})
    expect(place.seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer canary", undefined])
  })

  it("REQ-1: may ask for a retry, which is core's to decide", async () => {
    const place = await http((_, response) => response.writeHead(401).end("refused"))
    const beforeRetry = vi.fn<() => void>()
    const { send } = await over(
      ky.create({
        retry: 5,
        hooks: { beforeRetry: [beforeRetry], afterResponse: [() => ky.retry({ delay: 1 }), async () => ky.retry()] }
      })
    )
    const response = await send(place.url, { headers: token })
    expect([response.status, await response.toResponse().text(), place.seen.length]).toEqual([401, "refused", 1])
    expect(beforeRetry).not.toHaveBeenCalled()
  })

  it("may change the error, and what they throw is what the call rejects with", async () => {
    const own = new Error("own")
    const changing = await over(ky.create({ hooks: { beforeError: [() => own] } }))
    expect(await rejectionOf(changing.send("http://127.0.0.1:1/", { headers: token }))).toBe(own)
    const throwing = await over(
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
    const place = await echo()
    const error = await rejectionOf(throwing.send(place.url, { headers: token }))
    expect(error).toBeInstanceOf(HTTPError)
    expect((error as HTTPError).request.headers.get("authorization")).toBeNull()
  })
})

describe("the instance's options", () => {
  it("default headers, search parameters and fetch are used", async () => {
    const place = await echo()
    const own: Array<string> = []
    const { send } = await over(
      ky.create({
        headers: { "x-app": "reports" },
        searchParams: { version: 2 },
        fetch: (input, init) => {
          own.push((input as Request).url)
          return fetch(input, init)
        }
      })
    )
    const response = await send(`${place.url}/a?b=c`, { headers: token })
    expect(await response.toResponse().json()).toEqual(["/a?b=c&version=2", "Bearer canary", "reports"])
    expect(own).toEqual([`${place.url}/a?b=c&version=2`])
  })

  it("retries, timeouts, prefix, baseUrl, method and throwHttpErrors are not", async () => {
    const place = await http(async (_, response) => {
      await new Promise((resolve) => setTimeout(resolve, 120))
      response.writeHead(503, { "retry-after": "0" }).end("busy")
    })
    const { send } = await over(
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
    const response = await send(place.url, { headers: token })
    expect([response.status, await response.toResponse().text()]).toEqual([503, "busy"])
    expect(place.seen.map(({ method }) => method)).toEqual(["GET"])
  })

  it("REQ-6: what fetch rejects with is what the call rejects with, unwrapped", async () => {
    const own = new TypeError("fetch failed", { cause: new Error("why") })
    const { send } = await over(ky.create({ fetch: () => Promise.reject(own) }))
    expect(await rejectionOf(send("http://api.example.test/", { headers: token }))).toBe(own)
    expect(own).not.toBeInstanceOf(NetworkError)
  })

  it("looks the platform's fetch up at each call, so that a replaced one is used", async () => {
    const { send } = await over()
    vi.stubGlobal("fetch", async () => new Response("replaced"))
    try {
      expect(await (await send("http://api.example.test/", {})).toResponse().text()).toBe("replaced")
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

describe("a client over ky", () => {
  it("KEY-1, REQ-1: issues, renews and repeats, and hooks see neither key nor token", async () => {
    const server = await api()
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
    server.revoke()
    const response = await deeply.fetch("/b", { method: "POST", body: "body" })
    expect([response.status, server.issued()]).toEqual([200, 2])
    expect(server.general().map(({ body, path }) => `${path} ${body}`)).toEqual(["/a ", "/b body", "/b body"])
    expect(seen).toEqual([null, null, null, null, null])
  })
})
