import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer, get as httpGet, type IncomingMessage } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text as textOf } from "node:stream/consumers"
import { describe, expect, it, onTestFinished } from "vitest"
import { api, errorOf, rawApi, rawConnection, sidecarBefore, sidecarOf, until } from "./support/servers.ts"

const openFiles = () => Number(execFileSync("/bin/sh", ["-c", "ulimit -n"]).toString()) || 10_000

const ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

describe("an API with an unusual reason phrase", () => {
  it.each([
    ["UTF-8", Buffer.from("없음"), "Not Found"],
    ["a control character", Buffer.from([0x61, 0x01]), "Not Found"],
    ["Latin-1", Buffer.from("Non trouv\xe9", "latin1"), "Not Found"]
  ])("in %s: the caller gets the response", async (_, phrase, shown) => {
    const reply = [Buffer.from("HTTP/1.1 404 "), phrase, Buffer.from("\r\ncontent-length: 2\r\n\r\nno")]
    const { url } = await sidecarOf(await rawApi((socket) => socket.write(Buffer.concat(reply))))
    const raw = await rawConnection(url)
    raw.send("GET /a HTTP/1.1", "Host: localhost", "", "")
    const received = await raw.until(/\r\n\r\nno$/)
    expect(received.split("\r\n")[0]).toBe(`HTTP/1.1 404 ${shown}`)
  })
})

describe("an API that fails", () => {
  it.each<[string, string | undefined, number]>([
    ["closes the connection", undefined, 502],
    ["sends no HTTP", "hello\r\n\r\n", 502],
    ["sends a malformed header", "HTTP/1.1 200 OK\r\nbad header\r\n\r\n", 502],
    ["sends two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok!", 502],
    [
      "sends a length and chunks",
      "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      502
    ],
    ["sends a coding", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\nconnection: close\r\n\r\nok", 502],
    [
      "sends a coding in chunks",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
      502
    ],
    ["switches protocols", "HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", 502],
    ["sends a head of 1 MB", `HTTP/1.1 200 OK\r\nx: ${"x".repeat(1_000_000)}\r\n\r\n`, 502]
  ])("that %s: the caller gets an error, and the next request works", async (_, reply, status) => {
    let isBroken = true
    const { url } = await sidecarOf(
      await rawApi((socket) => {
        if (!isBroken) return socket.write(ok)
        isBroken = false
        if (reply === undefined) return socket.destroy()
        socket.write(reply)
      })
    )
    const raw = await rawConnection(url)
    raw.send("GET /a HTTP/1.1", "Host: localhost", "", "")
    const first = await raw.until(/\}\}$/)
    expect(first).toMatch(new RegExp(`^HTTP/1.1 ${status} .*"code":"TRANSPORT_FAILED"`, "s"))
    expect(first).not.toContain("token-")
    // The same connection of the caller is in order.
    raw.send("GET /b HTTP/1.1", "Host: localhost", "Connection: close", "", "")
    expect(await raw.untilEnd()).toMatch(/HTTP\/1\.1 200 OK.*ok$/s)
  })

  it("that is not running: an error that says which of its servers could not be reached", async () => {
    const server = createServer((_, response) => response.end(JSON.stringify({ access_token: "token-1-5b2c" })))
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { url } = await sidecarOf(base)
    expect((await fetch(url)).status).toBe(200)
    server.close()
    server.closeAllConnections()
    const response = await fetch(url)
    expect(await response.clone().text()).toContain(`${base} (ECONNREFUSED)`)
    expect(await errorOf(response)).toEqual({ status: 502, code: "TRANSPORT_FAILED" })
    const other = await sidecarOf(base)
    expect(await errorOf(await fetch(other.url))).toEqual({ status: 503, code: "ISSUER_UNAVAILABLE" })
  })

  it("that does not respond: 504 after the timeout", async () => {
    const { url } = await sidecarBefore(() => undefined, { upstreamTimeout: 200 })
    expect(await errorOf(await fetch(url))).toEqual({ status: 504, code: "TRANSPORT_FAILED" })
  })

  it.each<[string, string]>([
    ["with a length", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart"],
    ["in chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npart\r\n"],
    ["in a malformed chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npart\r\nzz\r\n"]
  ])("in the middle of a body %s: the caller's connection is reset, so that it sees the cut", async (_, reply) => {
    const { url } = await sidecarOf(
      await rawApi((socket) => {
        socket.write(reply)
        setTimeout(() => socket.destroy(), 50)
      })
    )
    for (const version of ["1.0", "1.1"]) {
      const raw = await rawConnection(url)
      raw.send(`GET / HTTP/${version}`, "Host: localhost", "", "")
      expect(await raw.untilEnd()).toMatch(/part(\r\n)?$/)
      expect(raw.error()?.code).toBe("ECONNRESET")
    }
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow(
      /terminated|other side closed|fetch failed/
    )
  })

  it("in the middle of a body for a caller on a Unix socket, which has no reset: the body has no end", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sidecar-"))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const socketPath = join(folder, "sidecar.sock")
    await sidecarBefore(
      (_, response) => {
        response.write("part")
        setTimeout(() => response.destroy(), 50)
      },
      { listen: socketPath }
    )
    const get = async (path: string) => {
      const sent = httpGet({ socketPath, path, headers: { host: "localhost" } })
      return ((await once(sent, "response")) as [IncomingMessage])[0]
    }
    const failures = async () => {
      const [, count] = /\{outcome="failed"\} (\d+)/.exec(await textOf(await get("/-/metrics"))) ?? []
      return Number(count)
    }
    const before = await failures()
    await expect(get("/").then(textOf)).rejects.toMatchObject({ code: "ECONNRESET" })
    expect(await failures()).toBe(before + 1)
  })

  it("that is silent in the middle of a body: the connection is reset after the timeout", async () => {
    const { url } = await sidecarBefore((_, response) => response.writeHead(200).write("part"), {
      upstreamTimeout: 200
    })
    const raw = await rawConnection(url)
    raw.send("GET / HTTP/1.1", "Host: localhost", "", "")
    await raw.untilEnd()
    expect(raw.error()?.code).toBe("ECONNRESET")
  })

  it("KEY-2: that rejects the key: 502 with the code and the time of the next try, and one token request", async () => {
    await using fake = await startFakeDeeply()
    const { url } = await sidecarOf(fake.url, { apiKey: "sk-live-other-1" })
    for (let times = 0; times < 3; times += 1) {
      const response = await fetch(url)
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(20)
      expect(await errorOf(response)).toEqual({ status: 502, code: "API_KEY_REJECTED" })
    }
    expect(fake.stats.tokenRequests).toBe(1)
  })
})

describe("a caller that misbehaves", () => {
  const malformed: ReadonlyArray<readonly [string, ReadonlyArray<string>, RegExp]> = [
    [
      "two lengths",
      ["POST / HTTP/1.1", "Host: localhost", "Content-Length: 2", "Content-Length: 3", "", "abc"],
      / 400 /
    ],
    [
      "a length and chunks",
      ["POST / HTTP/1.1", "Host: localhost", "Content-Length: 2", "Transfer-Encoding: chunked", "", "0\r\n\r\n"],
      / 400 /
    ],
    [
      "chunks and a length",
      ["POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked", "Content-Length: 2", "", "0\r\n\r\n"],
      / 400 /
    ],
    [
      "an unknown transfer encoding",
      ["POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding: xchunked", "", "0\r\n\r\n"],
      / 400 /
    ],
    [
      "two transfer encodings",
      ["POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding: gzip, chunked", "Connection: close", "", "0\r\n\r\n"],
      / 501 /
    ],
    [
      "two lines of transfer encodings",
      [
        "POST / HTTP/1.1",
        "Host: localhost",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: chunked",
        "Connection: close",
        "",
        "0\r\n\r\n"
      ],
      / (400|501) /
    ],
    [
      "a space before the colon",
      ["POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding : chunked", "", "0\r\n\r\n"],
      / 400 /
    ],
    [
      "a tab in the coding",
      ["POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding:\x0bchunked", "", "0\r\n\r\n"],
      / 400 /
    ],
    [
      "a folded header",
      ["POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding:", " chunked", "Connection: close", "", "0\r\n\r\n"],
      / (200|400) /
    ],
    ["a negative length", ["POST / HTTP/1.1", "Host: localhost", "Content-Length: -1", "", ""], / 400 /],
    ["a length with a sign", ["POST / HTTP/1.1", "Host: localhost", "Content-Length: +3", "", "abc"], / 400 /],
    [
      "a chunk without a size",
      ["POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked", "", "zz\r\na\r\n"],
      / 400 |^$/
    ],
    ["a bare line feed", ["GET / HTTP/1.1\nHost: localhost\nX: y\n\n"], / 400 /],
    ["a zero byte", ["GET / HTTP/1.1", "Host: localhost", "X: a\x00b", "", ""], / 400 /],
    ["no host", ["GET / HTTP/1.1", "", ""], / 400 /],
    ["an empty host", ["GET / HTTP/1.1", "Host:", "Connection: close", "", ""], / 421 /],
    ["two hosts", ["GET / HTTP/1.1", "Host: localhost", "Host: evil.test", "Connection: close", "", ""], / 400 /],
    ["a head of 1 MB", ["GET / HTTP/1.1", "Host: localhost", `X: ${"x".repeat(1_000_000)}`, "", ""], / 431 /],
    ["a path of 1 MB", [`GET /${"x".repeat(1_000_000)} HTTP/1.1`, "Host: localhost", "", ""], / 431 |^$/],
    [
      "a body in a GET",
      ["GET / HTTP/1.1", "Host: localhost", "Content-Length: 3", "Connection: close", "", "abc"],
      / 400 /
    ],
    [
      "another host as its target",
      ["GET http://evil.test/ HTTP/1.1", "Host: localhost", "Connection: close", "", ""],
      / 421 /
    ],
    [
      "another host behind a user",
      ["GET http://localhost@evil.test/ HTTP/1.1", "Host: localhost", "Connection: close", "", ""],
      / 421 /
    ],
    [
      "https as its target",
      ["GET https://localhost/ HTTP/1.1", "Host: localhost", "Connection: close", "", ""],
      / 421 /
    ],
    [
      "two slashes",
      ["GET //evil.test/ HTTP/1.1", "Host: localhost", "Connection: close", "", ""],
      / 400 .*ORIGIN_NOT_ALLOWED/s
    ],
    ["a backslash", ["GET /\\evil.test/ HTTP/1.1", "Host: localhost", "Connection: close", "", ""], / 400 /],
    ["an asterisk", ["OPTIONS * HTTP/1.1", "Host: localhost", "Connection: close", "", ""], / 421 /],
    ["a TRACE", ["TRACE / HTTP/1.1", "Host: localhost", "Connection: close", "", ""], / 501 /],
    ["a tunnel", ["CONNECT evil.test:443 HTTP/1.1", "Host: evil.test:443", "", ""], / 405 /],
    [
      "a WebSocket",
      ["GET /ws HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade, close", "", ""],
      / 501 .*UPGRADE_UNSUPPORTED/s
    ],
    [
      "a WebSocket among other protocols",
      ["GET /ws HTTP/1.1", "Host: localhost", "Upgrade: h2c, WebSocket", "Connection: Upgrade, close", "", ""],
      / 501 .*UPGRADE_UNSUPPORTED/s
    ],
    ["HTTP/2 without a handshake", ["PRI * HTTP/2.0", "", "SM", "", ""], / 400 |^$/],
    ["TLS", ["\x16\x03\x01\x02\x00\x01\x00"], / 400 |^$/]
  ]

  it.each(malformed)(
    "with %s gets an error, and its connection carries no second request",
    async (_, lines, expected) => {
      const reached: Array<string> = []
      const { url } = await sidecarBefore((request, response) => {
        reached.push(request.url ?? "")
        request.resume().on("end", () => response.end())
      })
      const raw = await rawConnection(url)
      raw.send(...lines)
      const isLast = lines.some((line) => /^Connection: .*close$/.test(line))
      if (!isLast) raw.send("GET /smuggled HTTP/1.1", "Host: localhost", "Connection: close", "", "")
      const text = await raw.untilEnd()
      expect(text.split("\r\n", 1)[0] === text ? "" : text).toMatch(expected)
      expect(reached.filter((path) => path !== "/")).toEqual([])
      expect((await fetch(url)).status).toBe(200)
    }
  )

  it("with a target of its own address is served", async () => {
    const { url } = await sidecarBefore((request, response) => response.end(request.url))
    const raw = await rawConnection(url)
    raw.send(`GET ${url}/x?y=1 HTTP/1.1`, `Host: ${new URL(url).host}`, "Connection: close", "", "")
    expect(await raw.untilEnd()).toMatch(/\/x\?y=1/)
    const bare = await rawConnection(url)
    bare.send(`GET ${url}?y=1 HTTP/1.1`, `Host: ${new URL(url).host}`, "Connection: close", "", "")
    expect(await bare.untilEnd()).toMatch(/\/\?y=1/)
  })

  it("that sends several requests at once gets the responses in order", async () => {
    const { url } = await sidecarBefore((request, response) =>
      setTimeout(() => response.end(`<${request.url}>`), request.url === "/1" ? 50 : 0)
    )
    const raw = await rawConnection(url)
    const request = (path: string, close = "keep-alive") =>
      ["GET " + path + " HTTP/1.1", "Host: localhost", `Connection: ${close}`, "", ""].join("\r\n")
    raw.socket.write(request("/1") + request("/2") + request("/3", "close"))
    expect((await raw.untilEnd()).match(/<[^>]*>/g)).toEqual(["</1>", "</2>", "</3>"])
  })

  it("that sends its key is refused, and the key goes nowhere", async () => {
    let reached = 0
    const { url } = await sidecarBefore((_, response) => {
      reached += 1
      response.end()
    })
    await fetch(url)
    expect(await errorOf(await fetch(url, { headers: { "x-api-key": "sk-live-2f6c1d" } }))).toEqual({
      status: 400,
      code: "CREDENTIAL_MISUSED"
    })
    expect(reached).toBe(1)
  })

  it("that never reads is disconnected when nothing moves, and its request is aborted", async () => {
    let isAborted = false
    const base = await api((_, response) => {
      response.once("close", () => (isAborted = true))
      const more = () => {
        while (response.write(Buffer.alloc(65_536)));
        response.once("drain", more)
      }
      more()
    })
    const { url } = await sidecarOf(base, { idleTimeout: 300 })
    const raw = await rawConnection(url)
    raw.socket.pause()
    raw.send("GET / HTTP/1.1", "Host: localhost", "", "")
    await until(() => isAborted)
    expect(isAborted).toBe(true)
  })

  it("that opens up to 10,000 connections and sends nothing does not hinder the others", async () => {
    const { url } = await sidecarBefore((_, response) => response.end("ok"))
    const { port } = new URL(url)
    // Both ends are in this process, whose limit may be lower than that.
    const count = Math.min(10_000, Math.floor(openFiles() / 2) - 500)
    const idle: Array<Socket> = []
    while (idle.length < count) {
      const more = Array.from({ length: Math.min(500, count - idle.length) }, () => connect(Number(port), "127.0.0.1"))
      idle.push(...more)
      await Promise.all(more.map((socket) => once(socket, "connect")))
    }
    expect(await (await fetch(url)).text()).toBe("ok")
    for (const socket of idle) socket.destroy()
  })
})
