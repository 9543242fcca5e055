import { request as httpRequest } from "node:http"
import { connect, createServer, type AddressInfo } from "node:net"
import { inspect } from "node:util"
import { afterEach, describe, expect, it } from "vitest"
import {
  createFakeDeeply,
  type RunningFakeDeeply,
  startFakeDeeply,
  type StartFakeDeeplyOptions
} from "../src/testing/index.ts"

const REISSUE = "/api/v1/auth/reissue"
const EVENTS = "/api/v1/events"

const running: RunningFakeDeeply[] = []
const start = async (options?: StartFakeDeeplyOptions) => {
  const fake = await startFakeDeeply(options)
  running.push(fake)
  return fake
}
afterEach(() => Promise.all(running.splice(0).map((fake) => fake.close())))

const get = (fake: RunningFakeDeeply, path: string, credential?: string, init: RequestInit = {}) =>
  fetch(fake.url + path, {
    headers: credential === undefined ? {} : { authorization: `Bearer ${credential}` },
    ...init
  })

const requestToken = async (fake: RunningFakeDeeply): Promise<string> =>
  (await (await get(fake, REISSUE, fake.apiKey)).json()).access_token

const failureOf = (response: Promise<Response>) => response.catch((error: unknown) => error)

/** Sends raw bytes and returns everything that the server sends until it closes the connection. */
const raw = (fake: RunningFakeDeeply, text: string) =>
  new Promise<string>((resolve, reject) => {
    let received = ""
    const socket = connect(Number(new URL(fake.url).port), "127.0.0.1", () => socket.write(text))
    socket.on("data", (chunk) => (received += chunk.toString()))
    socket.on("error", reject)
    socket.on("close", () => resolve(received))
  })

describe("startFakeDeeply", () => {
  it("listens on a free port of 127.0.0.1", async () => {
    const [fake, other] = [await start(), await start()]
    expect(fake.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(other.url).not.toBe(fake.url)
    expect(fake.host).toEqual({ name: "fake", baseUrl: fake.url, allowInsecureHttp: true })
    const page = await get(fake, `${EVENTS}?size=3`, await requestToken(fake))
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "application/json"])
    expect(await page.json()).toMatchObject({ size: 3, total_cnt: 100 })
    expect(fake.stats).toMatchObject({ issued: 1, requests: 1, byStatus: { 200: 2 } })
  })

  it("rejects an option that does not exist, with the nearest name", async () => {
    await expect(startFakeDeeply({ prot: 1, port: 0 } as StartFakeDeeplyOptions)).rejects.toThrow(/`prot`.*`port`/)
    await expect(startFakeDeeply({ tokenLifeTimes: 1 } as StartFakeDeeplyOptions)).rejects.toThrow(
      "did you mean `tokenLifetime`?"
    )
    await expect(startFakeDeeply("x" as StartFakeDeeplyOptions)).rejects.toThrow("is not an object")
    expect(() => createFakeDeeply().script([{ statusCode: 503 } as never])).toThrow("did you mean `status`?")
  })

  it("fails at the start in a runtime that is too old", async () => {
    const found = Object.getOwnPropertyDescriptor(Promise, "withResolvers")!
    Reflect.deleteProperty(Promise, "withResolvers")
    try {
      await expect(startFakeDeeply()).rejects.toThrow("use Node 22.19, Deno 2 or Bun 1, or a later version")
    } finally {
      Object.defineProperty(Promise, "withResolvers", found)
    }
  })

  it("listens on the given port; the error names a port that is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1")
    await new Promise((resolve) => taken.once("listening", resolve))
    const { port } = taken.address() as AddressInfo
    await expect(startFakeDeeply({ port })).rejects.toThrow(`Cannot listen on 127.0.0.1:${port}: another server`)
    await new Promise((resolve) => taken.close(resolve))
    const fake = await start({ port })
    expect(fake.url).toBe(`http://127.0.0.1:${port}`)
  })

  it.each([-1, 70_000, 80.5, Number.NaN])("rejects the port %s", async (port) => {
    await expect(startFakeDeeply({ port })).rejects.toThrow(RangeError)
  })

  it("checks the options of createFakeDeeply", async () => {
    await expect(startFakeDeeply({ latency: -1 })).rejects.toThrow("`latency`")
  })

  it("does not print secrets", async () => {
    const fake = await start()
    const token = await requestToken(fake)
    for (const text of [inspect(fake, { showHidden: true, depth: 9, getters: true }), JSON.stringify(fake)]) {
      expect(text).toContain(fake.url)
      expect(text).not.toContain(fake.apiKey)
      expect(text).not.toContain(token)
    }
  })

  it("responds to HEAD with headers only, and the connection can be reused", async () => {
    const fake = await start()
    const token = await requestToken(fake)
    const head = await get(fake, EVENTS, token, { method: "HEAD", headers: { authorization: `Bearer ${token}` } })
    expect([head.status, await head.text()]).toEqual([200, ""])
    expect(Number(head.headers.get("content-length"))).toBeGreaterThan(100)
    expect((await get(fake, EVENTS, token)).status).toBe(200)
  })

  it("receives the body of a request", async () => {
    const fake = await start()
    fake.script([
      {
        status: 201,
        body: { id: 1 },
        headers: [
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"]
        ]
      }
    ])
    const response = await get(fake, "/api/v1/mics", undefined, { method: "POST", body: "x".repeat(100_000) })
    expect([response.status, await response.json()]).toEqual([201, { id: 1 }])
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"])
    expect(fake.stats.log).toMatchObject([{ method: "POST", status: 201, bodyBytes: 100_000 }])
  })

  it("sets Date from its own clock", async () => {
    const fake = await start({ now: () => 0 })
    const response = await get(fake, EVENTS)
    expect(response.headers.get("date")).toBe("Thu, 01 Jan 1970 00:00:00 GMT")
  })

  it("responds with 400 to a request that the platform cannot represent", async () => {
    const fake = await start()
    const lines = ["GET http://elsewhere.example/ HTTP/1.1", "Host: x", "Connection: close", "", ""]
    expect(await raw(fake, lines.join("\r\n"))).toMatch(/^HTTP\/1\.1 400 /)
    lines[0] = "TRACE / HTTP/1.1"
    // Some platforms allow TRACE; the response is then a 403, because there is no token.
    expect(await raw(fake, lines.join("\r\n"))).toMatch(/^HTTP\/1\.1 40[03] /)
  })

  it("responds with 500 and the message if a hook throws", async () => {
    const fake = await start()
    fake.script([
      {
        before: () => {
          throw new Error("hook broke")
        }
      }
    ])
    const response = await get(fake, EVENTS)
    expect([response.status, (await response.json()).detail.message]).toEqual([
      500,
      "A hook of the fake server failed: hook broke"
    ])
  })
})

describe("faults over HTTP", () => {
  it("can reset the connection", async () => {
    const fake = await start()
    fake.script([{ reset: true }])
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => {
      httpRequest(fake.url + EVENTS)
        .on("error", resolve)
        .end()
    })
    expect(error.code).toBe("ECONNRESET")
    expect((await get(fake, EVENTS)).status).toBe(403)
  })

  it("can break the connection in the middle of a body", async () => {
    const fake = await start()
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"access_')),
      pull: (controller) => controller.error(new Error("cut"))
    })
    fake.script([
      { status: 200, body },
      { status: 200, body: "short", headers: { "content-length": "100" } }
    ])
    await expect(get(fake, EVENTS).then((response) => response.text())).rejects.toThrow(TypeError)
    await expect(get(fake, EVENTS).then((response) => response.text())).rejects.toThrow(TypeError)
  })

  it("can send an endless body until the client aborts", async () => {
    const fake = await start()
    fake.script([{ endless: true, chunk: 8, interval: 1 }])
    const stop = new AbortController()
    const response = await get(fake, EVENTS, undefined, { signal: stop.signal })
    const reader = response.body?.getReader()
    for (let chunks = 0; chunks < 3; chunks += 1) expect((await reader?.read())?.done).toBe(false)
    stop.abort()
    await expect(reader?.read()).rejects.toMatchObject({ name: "AbortError" })
  })

  it("send the headers of a response whose body never arrives", async () => {
    const fake = await start()
    const cancelled = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() })
    fake.script([{ status: 200, body }])
    const stop = new AbortController()
    expect((await get(fake, EVENTS, undefined, { signal: stop.signal })).status).toBe(200)
    stop.abort()
    await cancelled.promise
  })

  it("can send a large body to a slow reader", async () => {
    const fake = await start()
    fake.script([{ bytes: 5_000_000 }])
    const response = await get(fake, EVENTS)
    expect((await response.arrayBuffer()).byteLength).toBe(5_000_000)
  })

  it("can redirect", async () => {
    const fake = await start()
    const token = await requestToken(fake)
    fake.script([{ redirect: "/api/v1/mics", status: 307 }])
    const response = await get(fake, EVENTS, token)
    expect([response.status, response.redirected]).toEqual([200, true])
    expect(fake.stats.log.slice(1)).toMatchObject([
      { path: EVENTS, status: 307 },
      { path: "/api/v1/mics", status: 200 }
    ])
  })
})

describe("abort and close", () => {
  it("an abort of the client ends its request", async () => {
    const fake = await start()
    fake.script([{ on: "token-request", delay: 60_000 }])
    const stop = new AbortController()
    const failure = failureOf(get(fake, REISSUE, fake.apiKey, { signal: stop.signal }))
    await expect.poll(() => fake.stats.tokenRequests).toBe(1)
    stop.abort()
    expect(await failure).toMatchObject({ name: "AbortError" })
    expect(await requestToken(fake)).toEqual(expect.any(String))
    expect(fake.stats).toMatchObject({ tokenRequests: 2, issued: 1 })
    expect(fake.stats.log[0]?.status).toBeUndefined()
  })

  it("close ends idle connections and pending requests, and can be called again", async () => {
    const fake = await start({ latency: 60_000 })
    await requestToken(fake)
    fake.script([{ hang: true }])
    const failures = [failureOf(get(fake, EVENTS)), failureOf(get(fake, EVENTS))]
    await expect.poll(() => fake.stats.requests).toBe(2)
    await Promise.all([fake.close(), fake.close()])
    await fake.close()
    for (const failure of failures) expect(await failure).toBeInstanceOf(TypeError)
    await expect(get(fake, EVENTS)).rejects.toThrow(TypeError)
  })

  it("`await using` closes the server", async () => {
    let url: string
    {
      await using fake = await startFakeDeeply()
      url = fake.url
      expect((await fetch(url)).status).toBe(403)
    }
    await expect(fetch(url)).rejects.toThrow(TypeError)
  })
})
