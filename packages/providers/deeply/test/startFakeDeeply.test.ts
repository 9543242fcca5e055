import { request as httpRequest } from "node:http"
import { connect, createServer, type AddressInfo } from "node:net"
import { inspect } from "node:util"
import { afterEach, describe, expect, it } from "vitest"
import { type RunningFakeDeeply, startFakeDeeply, type StartFakeDeeplyOptions } from "../src/testing/index.ts"

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

const issue = async (fake: RunningFakeDeeply): Promise<string> =>
  (await (await get(fake, REISSUE, fake.apiKey)).json()).access_token

const failure = (answer: Promise<Response>) => answer.catch((error: unknown) => error)

/** Sends raw bytes and gives all that comes back until the server ends the connection. */
const raw = (fake: RunningFakeDeeply, text: string) =>
  new Promise<string>((resolve, reject) => {
    let answer = ""
    const socket = connect(Number(new URL(fake.url).port), "127.0.0.1", () => socket.write(text))
    socket.on("data", (chunk) => (answer += chunk.toString()))
    socket.on("error", reject)
    socket.on("close", () => resolve(answer))
  })

describe("startFakeDeeply", () => {
  it("serves the API on a free port of loopback", async () => {
    const [fake, other] = [await start(), await start()]
    expect(fake.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(other.url).not.toBe(fake.url)
    expect(fake.host).toEqual({ name: "fake", baseUrl: fake.url, cleartext: true })
    const page = await get(fake, `${EVENTS}?size=3`, await issue(fake))
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "application/json"])
    expect(await page.json()).toMatchObject({ size: 3, total_cnt: 100 })
    expect(fake.stats).toMatchObject({ issued: 1, requests: 1, byStatus: { 200: 2 } })
  })

  it("listens on the port it is given, and tells where it cannot", async () => {
    const taken = createServer().listen(0, "127.0.0.1")
    await new Promise((resolve) => taken.once("listening", resolve))
    const { port } = taken.address() as AddressInfo
    await expect(startFakeDeeply({ port })).rejects.toThrow(`Cannot listen on 127.0.0.1:${port}: another server`)
    await new Promise((resolve) => taken.close(resolve))
    const fake = await start({ port })
    expect(fake.url).toBe(`http://127.0.0.1:${port}`)
  })

  it.each([-1, 70_000, 80.5, Number.NaN])("refuses the port %s", async (port) => {
    await expect(startFakeDeeply({ port })).rejects.toThrow(RangeError)
  })

  it("rejects for the options of the fake too", async () => {
    await expect(startFakeDeeply({ latency: -1 })).rejects.toThrow("`latency`")
  })

  it("prints no secret", async () => {
    const fake = await start()
    const token = await issue(fake)
    for (const text of [inspect(fake, { showHidden: true, depth: 9, getters: true }), JSON.stringify(fake)]) {
      expect(text).toContain(fake.url)
      expect(text).not.toContain(fake.apiKey)
      expect(text).not.toContain(token)
    }
  })

  it("answers HEAD with the headers alone, and keeps the connection usable", async () => {
    const fake = await start()
    const token = await issue(fake)
    const head = await get(fake, EVENTS, token, { method: "HEAD", headers: { authorization: `Bearer ${token}` } })
    expect([head.status, await head.text()]).toEqual([200, ""])
    expect(Number(head.headers.get("content-length"))).toBeGreaterThan(100)
    expect((await get(fake, EVENTS, token)).status).toBe(200)
  })

  it("sees the body of a request", async () => {
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

  it("dates its answers by its own clock", async () => {
    const fake = await start({ now: () => 0 })
    const response = await get(fake, EVENTS)
    expect(response.headers.get("date")).toBe("Thu, 01 Jan 1970 00:00:00 GMT")
  })

  it("answers 400 to what no platform can make a request of", async () => {
    const fake = await start()
    const lines = ["GET http://elsewhere.example/ HTTP/1.1", "Host: x", "Connection: close", "", ""]
    expect(await raw(fake, lines.join("\r\n"))).toMatch(/^HTTP\/1\.1 400 /)
    lines[0] = "TRACE / HTTP/1.1"
    // Not every platform forbids it; where it is allowed, it lacks a token.
    expect(await raw(fake, lines.join("\r\n"))).toMatch(/^HTTP\/1\.1 40[03] /)
  })

  it("answers 500 with the message where a hook throws", async () => {
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
      "The fake server failed: hook broke"
    ])
  })
})

describe("faults on the wire", () => {
  it("reset the connection", async () => {
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

  it("break the connection in the middle of a body", async () => {
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

  it("send headers at once and then a body without end, until the client leaves", async () => {
    const fake = await start()
    fake.script([{ endless: true, chunk: 8, interval: 1 }])
    const stop = new AbortController()
    const response = await get(fake, EVENTS, undefined, { signal: stop.signal })
    const reader = response.body?.getReader()
    for (let chunks = 0; chunks < 3; chunks += 1) expect((await reader?.read())?.done).toBe(false)
    stop.abort()
    await expect(reader?.read()).rejects.toMatchObject({ name: "AbortError" })
  })

  it("send the headers of a body that never comes", async () => {
    const fake = await start()
    const cancelled = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() })
    fake.script([{ status: 200, body }])
    const stop = new AbortController()
    expect((await get(fake, EVENTS, undefined, { signal: stop.signal })).status).toBe(200)
    stop.abort()
    await cancelled.promise
  })

  it("send a large body whole, to a reader that is slower than the server", async () => {
    const fake = await start()
    fake.script([{ bytes: 5_000_000 }])
    const response = await get(fake, EVENTS)
    expect((await response.arrayBuffer()).byteLength).toBe(5_000_000)
  })

  it("redirect", async () => {
    const fake = await start()
    const token = await issue(fake)
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
  it("stop the work for a client that leaves", async () => {
    const fake = await start()
    fake.script([{ on: "issue", delay: 60_000 }])
    const stop = new AbortController()
    const answer = failure(get(fake, REISSUE, fake.apiKey, { signal: stop.signal }))
    await expect.poll(() => fake.stats.issueCalls).toBe(1)
    stop.abort()
    expect(await answer).toMatchObject({ name: "AbortError" })
    expect(await issue(fake)).toEqual(expect.any(String))
    expect(fake.stats).toMatchObject({ issueCalls: 2, issued: 1 })
    expect(fake.stats.log[0]?.status).toBeUndefined()
  })

  it("close ends idle connections and hanging requests, and may be called again", async () => {
    const fake = await start({ latency: 60_000 })
    await issue(fake)
    fake.script([{ hang: true }])
    const answers = [failure(get(fake, EVENTS)), failure(get(fake, EVENTS))]
    await expect.poll(() => fake.stats.requests).toBe(2)
    await Promise.all([fake.close(), fake.close()])
    await fake.close()
    for (const answer of answers) expect(await answer).toBeInstanceOf(TypeError)
    await expect(get(fake, EVENTS)).rejects.toThrow(TypeError)
  })

  it("is disposed of at the end of its block", async () => {
    let url: string
    {
      await using fake = await startFakeDeeply()
      url = fake.url
      expect((await fetch(url)).status).toBe(403)
    }
    await expect(fetch(url)).rejects.toThrow(TypeError)
  })
})
