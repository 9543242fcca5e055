import type { IncomingMessage, RequestListener } from "node:http"
import { brotliCompressSync, gzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { api, rawConnection, sidecarBefore, sidecarOf, until } from "./support/servers.ts"

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Responds with what arrived. */
const echo: RequestListener = async (request, response) => {
  const { headers, method, url } = request
  const body = await bodyOf(request)
  response.setHeader("content-type", "application/json")
  response.end(JSON.stringify({ method, url, headers, body: body.toString("latin1"), size: body.length }))
}

interface Echo {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
  readonly size: number
}

describe("a request through the sidecar", () => {
  it("REQ-3: arrives with the token, and with method, path, query, headers and body as they were", async () => {
    const { url } = await sidecarBefore(echo)
    const sent = {
      method: "PATCH",
      body: "{}",
      headers: { "X-Own": "é", "content-type": "application/json", cookie: "a=1" }
    }
    const found = (await (await fetch(`${url}/api/v1/x%20y?q=%2F&r=1`, sent)).json()) as Echo
    expect(found).toMatchObject({ method: "PATCH", url: "/api/v1/x%20y?q=%2F&r=1", body: "{}" })
    expect(found.headers).toMatchObject({
      authorization: "Bearer token-1-5b2c",
      "content-type": "application/json",
      "x-own": "é",
      cookie: "a=1",
      host: expect.not.stringContaining(new URL(url).port)
    })
  })

  it.each<[string, ReadonlyArray<string>]>([
    ["none", []],
    ["an Accept", ["Accept: text/csv"]],
    ["a User-Agent", ["User-Agent: own/1"]],
    ["both, of which one is empty", ["User-Agent: own/1", "Accept:"]],
    ["a name of JavaScript's own", ["__proto__: x", "constructor: y"]]
  ])("has the headers that its caller sent, and no others: %s", async (_, lines) => {
    const { url } = await sidecarBefore((request, response) => response.end(JSON.stringify(request.rawHeaders)))
    const raw = await rawConnection(url)
    raw.send("GET /x HTTP/1.1", "Host: localhost", "Connection: close", ...lines, "", "")
    const text = await raw.untilEnd()
    const found = JSON.parse(text.slice(text.indexOf("["), text.lastIndexOf("]") + 1)) as ReadonlyArray<string>
    const pairs = found.flatMap((name, i) => (i % 2 === 0 ? [`${name.toLowerCase()}: ${found[i + 1]}`] : []))
    const expected = lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()).replace(/:$/, ": "))
    expect(pairs.filter((line) => !/^(host|connection): /.test(line)).toSorted()).toEqual(
      ["authorization: Bearer token-1-5b2c", ...expected].toSorted()
    )
  })

  it("REQ-5: never carries the caller's own Authorization", async () => {
    const { url } = await sidecarBefore(echo)
    for (const name of ["authorization", "Authorization", "proxy-authorization"]) {
      const { headers } = (await (await fetch(url, { headers: { [name]: "Basic b3duOm93bg==" } })).json()) as Echo
      expect(headers["authorization"]).toBe("Bearer token-1-5b2c")
      expect(JSON.stringify(headers)).not.toContain("b3duOm93bg")
    }
  })

  it("loses the headers of its connection, also those that Connection names, and keeps repeated ones", async () => {
    const { url } = await sidecarBefore(echo)
    const raw = await rawConnection(url)
    raw.send(
      "POST /x HTTP/1.1",
      "Host: localhost",
      "Connection: keep-alive, X-Hop, close",
      "Keep-Alive: timeout=5",
      "X-Hop: 1",
      "TE: trailers",
      "Upgrade: h2c",
      "Proxy-Connection: close",
      "X-Twice: 1",
      "x-twice: 2",
      "Cookie: a=1",
      "Cookie: b=2",
      "Transfer-Encoding: chunked",
      "",
      "3\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n"
    )
    const text = await raw.untilEnd()
    const { body, headers } = JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)) as Echo
    expect([body, headers["x-twice"], headers["cookie"], headers["content-length"]]).toEqual([
      "abc",
      "1, 2",
      "a=1; b=2",
      "3"
    ])
    for (const name of ["keep-alive", "x-hop", "te", "upgrade", "proxy-connection", "transfer-encoding"]) {
      expect(headers).not.toHaveProperty(name)
    }
  })

  it.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])("can be a %s without a body", async (method) => {
    const { url } = await sidecarBefore(echo)
    expect(await (await fetch(url, { method })).json()).toMatchObject({ method, size: 0 })
  })

  it.each([
    ["known", 3_000_000],
    ["known", 100],
    ["chunked", 3_000_000],
    ["chunked", 100]
  ])("REQ-2: carries a body of %s length: %i bytes", async (framing, size) => {
    const { url } = await sidecarBefore(echo)
    const bytes = Buffer.alloc(size, "body")
    const body = framing === "known" ? bytes : new Blob([bytes]).stream()
    const response = await fetch(url, { method: "POST", body, duplex: "half" } as RequestInit)
    const found = (await response.json()) as Echo
    expect([found.size, Buffer.from(found.body, "latin1").equals(bytes)]).toEqual([size, true])
  })

  it("REQ-1, REQ-2: is repeated after a 401 if its body is short enough, and otherwise gets the 401", async () => {
    const tokens: Array<string | undefined> = []
    const listener: RequestListener = async (request, response) => {
      const { length } = await bodyOf(request)
      tokens.push(request.headers.authorization)
      const isFirst = request.headers.authorization === "Bearer token-1-5b2c"
      response.writeHead(isFirst ? 401 : 200).end(`${length}`)
    }
    const { url } = await sidecarBefore(listener, { replayBodyLimit: 1_000 })
    const post = async (size: number) => {
      const response = await fetch(url, { method: "POST", body: Buffer.alloc(size) })
      return [response.status, await response.text()]
    }
    expect(await post(1_001)).toEqual([401, "1001"])
    expect(tokens).toEqual(["Bearer token-1-5b2c"])
    expect(await post(1_000)).toEqual([200, "1000"])
    const other = await sidecarBefore(listener, { replayBodyLimit: 1_000 })
    expect((await fetch(other.url, { method: "POST", body: Buffer.alloc(1_000) })).status).toBe(200)
    expect(tokens.slice(-2)).toEqual(["Bearer token-1-5b2c", "Bearer token-2-5b2c"])
  })

  it.each(["known", "chunked"])(
    "REQ-2: is not kept if the bodies of other requests fill the memory: %s",
    async (framing) => {
      const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
      let accepted = "Bearer token-1-5b2c"
      let isHeld = false
      const { url } = await sidecarBefore(
        async (request, response) => {
          await bodyOf(request)
          if (request.url === "/held") {
            isHeld = true
            await held
          }
          response.writeHead(request.headers.authorization === accepted ? 200 : 401).end()
        },
        { replayBodyLimit: 1_000, replayBodyTotal: 1_500 }
      )
      const post = async (path: string) => {
        const bytes = Buffer.alloc(1_000)
        const body = framing === "known" ? bytes : new Blob([bytes]).stream()
        return (await fetch(`${url}${path}`, { method: "POST", body, duplex: "half" } as RequestInit)).status
      }
      const first = post("/held")
      await until(() => isHeld)
      accepted = "Bearer token-2-5b2c"
      expect(await post("/second")).toBe(401)
      expect(await post("/third")).toBe(200)
      accepted = "Bearer token-1-5b2c"
      letGo()
      expect(await first).toBe(200)
      accepted = "Bearer token-3-5b2c"
      expect(await post("/fourth")).toBe(200)
    }
  )

  it("streams a large body while it is sent, and no faster than the API reads", async () => {
    let paused: IncomingMessage | undefined
    const { url } = await sidecarBefore((request, response) => {
      paused = request
      request.once("data", () => request.pause())
      request.once("end", () => response.end("all"))
    })
    let sent = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          if (sent >= 64 * 2 ** 20) return controller.close()
          sent += 65_536
          controller.enqueue(new Uint8Array(65_536))
        }
      },
      { highWaterMark: 0 }
    )
    const response = fetch(url, { method: "POST", body, duplex: "half" } as RequestInit)
    let before = -1
    // Nothing moves any more when all buffers on the way are full.
    while (paused === undefined || sent !== before) {
      before = sent
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    expect(sent).toBeLessThan(40 * 2 ** 20)
    paused.resume()
    expect(await (await response).text()).toBe("all")
    expect(sent).toBe(64 * 2 ** 20)
  })

  it("is aborted at the API when the caller ends it: before the response, in the body, and while it uploads", async () => {
    let reached = 0
    let aborted = 0
    const { url } = await sidecarBefore((request, response) => {
      reached += 1
      response.once("close", () => {
        if (!response.writableFinished) aborted += 1
      })
      if (request.url === "/body") response.write("first")
      else request.resume()
    })
    const stop = new AbortController()
    const waiting = fetch(`${url}/head`, { signal: stop.signal })
    await until(() => reached === 1)
    stop.abort()
    await expect(waiting).rejects.toThrow("aborted")
    await until(() => aborted === 1)
    const { body } = await fetch(`${url}/body`)
    await body?.cancel()
    await until(() => aborted === 2)
    const raw = await rawConnection(url)
    raw.send("POST /upload HTTP/1.1", "Host: localhost", "Content-Length: 9000000", "", "x".repeat(2_000_000))
    await until(() => reached === 3)
    raw.socket.destroy()
    await until(() => aborted === 3)
    expect(aborted).toBe(3)
  })
})

describe("a response through the sidecar", () => {
  const received = async (url: string, init: RequestInit = {}) => {
    const raw = await rawConnection(url)
    raw.send(
      `${init.method ?? "GET"} /x HTTP/1.1`,
      "Host: localhost",
      "Connection: close",
      "Accept-Encoding: gzip, br",
      "",
      ""
    )
    const text = await raw.untilEnd()
    const end = text.indexOf("\r\n\r\n")
    const [status, ...lines] = text.slice(0, end).split("\r\n")
    return { status, lines, body: Buffer.from(text.slice(end + 4), "latin1") }
  }

  it.each([
    ["gzip", gzipSync("text ".repeat(10_000))],
    ["br", brotliCompressSync("text ".repeat(10_000))]
  ])("has the compressed bytes that the API sent: %s", async (coding, bytes) => {
    const { url } = await sidecarBefore((_, response) =>
      response.writeHead(200, { "Content-Encoding": coding, "Content-Length": bytes.length }).end(bytes)
    )
    const { body, lines } = await received(url)
    expect(lines).toEqual(expect.arrayContaining([`Content-Encoding: ${coding}`, `Content-Length: ${bytes.length}`]))
    expect(body.equals(bytes)).toBe(true)
  })

  it("has the spelling, order and number of the API's headers, without those of the connection", async () => {
    const { url } = await sidecarBefore(({ socket }) =>
      socket.end(
        "HTTP/1.1 200 Quite Fine\r\nX-OWN: 1\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nDate: now\r\nConnection: X-Hop, close\r\n" +
          "X-Hop: 1\r\nKeep-Alive: timeout=1\r\nx-latin: \xe9\r\nContent-Length: 2\r\n\r\nok",
        "latin1"
      )
    )
    const { body, lines, status } = await received(url)
    expect(status).toBe("HTTP/1.1 200 Quite Fine")
    expect(lines).toEqual([
      "X-OWN: 1",
      "Set-Cookie: a=1",
      "set-cookie: b=2",
      "Date: now",
      "x-latin: é",
      "Content-Length: 2",
      "Connection: close"
    ])
    expect(body.toString()).toBe("ok")
  })

  it("has headers with names of JavaScript's own, and not the one that says the sidecar responded", async () => {
    const { url } = await sidecarBefore(({ socket }) =>
      socket.end(
        "HTTP/1.1 404 Not Found\r\n__proto__: x\r\nconstructor: y\r\nTokenkeep-Error: API_KEY_REJECTED\r\n" +
          "tokenkeep-error: NOT_ALLOWED\r\nDate: now\r\nContent-Length: 0\r\n\r\n"
      )
    )
    const { lines, status } = await received(url)
    expect([status, ...lines]).toEqual([
      "HTTP/1.1 404 Not Found",
      "__proto__: x",
      "constructor: y",
      "Date: now",
      "Content-Length: 0",
      "Connection: close"
    ])
  })

  it.each([
    ["HEAD", 200, { "content-length": "1234" }],
    ["GET", 204, {}],
    ["GET", 304, { etag: '"1"', "content-length": "1234" }]
  ])("has headers and no body: %s %i", async (method, status, headers) => {
    const { url } = await sidecarBefore((_, response) => response.writeHead(status, headers).end())
    const found = await received(url, { method })
    expect(found.status).toMatch(`HTTP/1.1 ${status}`)
    for (const [name, value] of Object.entries(headers)) expect(found.lines).toContain(`${name}: ${value}`)
    expect(found.body.length).toBe(0)
  })

  it("can be a range", async () => {
    const { url } = await sidecarBefore((request, response) => {
      const [, from = "0", to = "0"] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? []
      response.writeHead(206, { "content-range": `bytes ${from}-${to}/10` })
      response.end("0123456789".slice(Number(from), Number(to) + 1))
    })
    const response = await fetch(url, { headers: { range: "bytes=2-4" } })
    expect([response.status, response.headers.get("content-range"), await response.text()]).toEqual([
      206,
      "bytes 2-4/10",
      "234"
    ])
  })

  it("REQ-3: can be a redirect, which the sidecar does not follow", async () => {
    let requests = 0
    const { url } = await sidecarBefore((_, response) => {
      requests += 1
      response.writeHead(307, { location: "/next" }).end()
    })
    const response = await fetch(url, { redirect: "manual" })
    expect([response.status, response.headers.get("location"), requests]).toEqual([307, "/next", 1])
  })

  it("arrives event by event, its head before the first", async () => {
    const { promise: next, resolve } = Promise.withResolvers<void>()
    const { url } = await sidecarBefore(async (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders()
      await next
      response.write("data: 1\n\n")
    })
    const response = await fetch(url)
    expect(response.headers.get("content-type")).toBe("text/event-stream")
    resolve()
    const { value } = await response.body!.getReader().read()
    expect(Buffer.from(value!).toString()).toBe("data: 1\n\n")
  })

  it("is read from the API no faster than the caller reads, and is complete in the end", async () => {
    let sent = 0
    const size = 64 * 2 ** 20
    const { url } = await sidecarBefore(async (_, response) => {
      while (sent < size) {
        sent += 65_536
        if (!response.write(Buffer.alloc(65_536))) await new Promise((resolve) => response.once("drain", resolve))
      }
      response.end()
    })
    const response = await fetch(url)
    let before = -1
    while (sent !== before) {
      before = sent
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    expect(sent).toBeLessThan(40 * 2 ** 20)
    expect((await response.bytes()).length).toBe(size)
  })

  it("REQ-3: comes from below the base URL, if that has a path", async () => {
    const { url } = await sidecarOf(`${await api((request, response) => response.end(request.url))}/gate/`)
    expect(await (await fetch(`${url}/b?c=1`)).text()).toBe("/gate/b?c=1")
  })
})
