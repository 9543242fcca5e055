import { once } from "node:events"
import type { IncomingMessage } from "node:http"
import type { Http2ServerRequest } from "node:http2"
import { Agent, MockAgent, ProxyAgent } from "undici"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import { describe, expect, it, onTestFinished } from "vitest"
import { http, http2, https, selfSigned, tunnelling } from "./support/servers.ts"
import { openTransport, rejectionOf, until } from "./support/transports.ts"

const secret = "canary-7c0f1d22"
const headers = { authorization: `Bearer ${secret}` }

const closeAfterTest = <A extends Agent | ProxyAgent | MockAgent>(dispatcher: A): A => {
  onTestFinished(() => dispatcher.close())
  return dispatcher
}

const trustingAgent = (options: Agent.Options = {}) =>
  closeAfterTest(new Agent({ ...options, connect: { ca: selfSigned().cert } }))

describe("GRANT-1: a request with `connection: close`", () => {
  it("gets a connection of its own, although idle ones are there", async () => {
    const connections = new Map<string, Set<unknown>>()
    const server = await http(({ socket, url = "" }, response) => {
      connections.set(url, (connections.get(url) ?? new Set()).add(socket))
      response.end("ok")
    })
    const { close, send } = await openTransport()
    const textOf = async (path: string, init: RequestInit) =>
      (await send(`${server.url}${path}`, init)).toResponse().text()
    await textOf("orders", {})
    for (let times = 0; times < 5; times += 1) {
      await textOf("token", { method: "POST", body: "rt", headers: { Connection: "close" } })
    }
    await textOf("orders", {})
    expect(connections.get("/token")?.size).toBe(5)
    const kept = connections.get("/orders")
    expect([...(connections.get("/token") ?? [])].filter((socket) => kept?.has(socket))).toEqual([])
    // undici alternates between two connections if one request closely follows another.
    expect(kept?.size).toBeLessThanOrEqual(2)
    await until(() => server.open() <= 2)
    await close()
  })

  it("is sent through the caller's dispatcher if there is one", async () => {
    const server = await http((_, response) => response.end("direct"))
    const proxy = await tunnelling()
    const dispatcher = closeAfterTest(new ProxyAgent({ uri: proxy.url, proxyTunnel: true }))
    const { send } = await openTransport({ dispatcher })
    const response = await send(server.url, { headers: { connection: "close" } })
    expect(await response.toResponse().text()).toBe("direct")
    expect(proxy.tunnels.length).toBe(1)
  })
})

describe("a dispatcher of the caller", () => {
  it("RUN-2: stays open when the client is closed, and works for the next client", async () => {
    const server = await http((_, response) => response.end("ok"))
    const dispatcher = closeAfterTest(new Agent())
    for (let client = 0; client < 3; client += 1) {
      const { close, send } = await openTransport({ dispatcher })
      expect(await (await send(server.url, {})).toResponse().text()).toBe("ok")
      await close()
      expect(dispatcher.closed).toBe(false)
    }
    // undici alternates between two connections if one request closely follows another.
    expect(server.sockets.length).toBeLessThanOrEqual(2)
  })

  it("applies its limits: two connections for twenty requests", async () => {
    const server = await http((_, response) => setTimeout(() => response.end("ok"), 5))
    const { send } = await openTransport({ dispatcher: closeAfterTest(new Agent({ connections: 2 })) })
    const responses = await Promise.all(Array.from({ length: 20 }, () => send(server.url, {})))
    await Promise.all(responses.map((response) => response.toResponse().text()))
    expect(server.sockets.length).toBe(2)
  })

  it("can be set for a single request, as with fetch", async () => {
    const server = await http((_, response) => response.end("direct"))
    const proxy = await tunnelling()
    const { send } = await openTransport()
    const init: RequestInit & { readonly dispatcher: ProxyAgent } = {
      dispatcher: closeAfterTest(new ProxyAgent({ uri: proxy.url, proxyTunnel: true }))
    }
    expect(await (await send(server.url, init)).toResponse().text()).toBe("direct")
    expect(proxy.tunnels.length).toBe(1)
  })

  it("REQ-4: a proxy that tunnels to https receives the host and its own password, but no token", async () => {
    const received: Array<string | undefined> = []
    const server = await https((request, response) => {
      received.push(request.headers.authorization)
      response.end("through")
    })
    const proxy = await tunnelling()
    const dispatcher = closeAfterTest(
      new ProxyAgent({ uri: proxy.url, token: "Basic cHJveHk6cHc=", requestTls: { ca: selfSigned().cert } })
    )
    const { send } = await openTransport({ dispatcher })
    expect(await (await send(server.url, { headers })).toResponse().text()).toBe("through")
    expect(received).toEqual([headers.authorization])
    expect(proxy.tunnels).toEqual([`${new URL(server.url).host} Basic cHJveHk6cHc= undefined`])
  })

  it("SEC-1: the error for a proxy that refuses the tunnel contains neither the token nor the password of the proxy", async () => {
    const proxy = await http((_, response) => response.end())
    const { send } = await openTransport({
      dispatcher: closeAfterTest(new ProxyAgent({ uri: proxy.url, token: "Basic cHJveHk6cHc=" }))
    })
    const error = await rejectionOf(send("https://localhost:1/", { headers }))
    expect(error).toBeInstanceOf(TypeError)
    assertNoSecrets(`${String(error)}${JSON.stringify(error)}${(error as Error).stack}`, [secret, "cHJveHk6cHc="])
  })

  it("SEC-1: can be a mock; its error quotes the request, and the error of the transport does not", async () => {
    const dispatcher = closeAfterTest(new MockAgent())
    dispatcher.disableNetConnect()
    const pool = dispatcher.get("https://api.example.test")
    pool
      .intercept({ path: "/ok" })
      .reply(200, { a: 1 }, { headers: { "set-cookie": ["a=1", "b=2"], "x-name": "ключ" } })
    pool.intercept({ path: "/strict", headers: { authorization: "Bearer other" } }).reply(200, "")
    const { send } = await openTransport({ dispatcher })
    const response = (await send("https://api.example.test/ok", { headers })).toResponse()
    expect([response.status, await response.json(), response.headers.getSetCookie()]).toEqual([
      200,
      { a: 1 },
      ["a=1", "b=2"]
    ])
    expect(Buffer.from(response.headers.get("x-name") ?? "", "latin1").toString()).toBe("ключ")
    const error = (await rejectionOf(send("https://api.example.test/strict", { headers }))) as TypeError
    expect([error.message, (error.cause as Error).name]).toEqual(["fetch failed", "MockNotMatchedError"])
    assertNoSecrets(`${error.stack}${JSON.stringify(error.cause)}${(error.cause as Error).stack}`, [secret])
  })
})

describe("TLS", () => {
  it("rejects an untrusted certificate with the same error code as fetch", async () => {
    const server = await https((_, response) => response.end("never"))
    const { send } = await openTransport()
    const [own, platform] = (await Promise.all([
      rejectionOf(send(server.url, {})),
      rejectionOf(fetch(server.url))
    ])) as [TypeError, TypeError]
    const describeError = ({ cause, message }: TypeError) => [message, (cause as NodeJS.ErrnoException).code]
    expect(describeError(own)).toEqual(describeError(platform))
    expect(describeError(own)).toEqual(["fetch failed", "DEPTH_ZERO_SELF_SIGNED_CERT"])
  })

  it("accepts a certificate that the dispatcher trusts, and sends br in accept-encoding, as fetch does", async () => {
    const accepted: Array<unknown> = []
    const server = await https((request, response) => {
      accepted.push(request.headers["accept-encoding"])
      response.end("secure")
    })
    const { send } = await openTransport({ dispatcher: trustingAgent() })
    expect(await (await send(server.url, {})).toResponse().text()).toBe("secure")
    expect(accepted).toEqual(["br, gzip, deflate"])
  })
})

describe("HTTP/2", () => {
  const versionOf = (request: IncomingMessage | Http2ServerRequest): string => request.httpVersion

  it("is used if the dispatcher and the server support it", async () => {
    const versions: Array<string> = []
    const server = await http2((request, response) => {
      versions.push(versionOf(request))
      response.setHeader("set-cookie", ["a=1", "b=2"])
      response.setHeader("x-own", "1")
      request.pipe(response)
    })
    const { send } = await openTransport({ dispatcher: trustingAgent({ allowH2: true }) })
    const response = (await send(`${server.url}a?b=c`, { headers })).toResponse()
    expect([response.status, await response.text(), response.headers.getSetCookie()]).toEqual([200, "", ["a=1", "b=2"]])
    expect([...response.headers.keys()].filter((name) => name.startsWith(":"))).toEqual([])
    const posted = await send(server.url, { method: "POST", body: "text" })
    expect(await posted.toResponse().text()).toBe("text")
    const stream = new Blob(["in ", "pieces"]).stream()
    const streamed = await send(server.url, { method: "POST", body: stream, duplex: "half" } as RequestInit)
    expect(await streamed.toResponse().text()).toBe("in pieces")
    expect(versions).toEqual(["2.0", "2.0", "2.0"])
    expect(server.sockets.length).toBe(1)
  })

  it("sends concurrent requests on one connection, and an abort ends only its own request", async () => {
    const server = await http2((request, response) => {
      if (request.url !== "/never") setTimeout(() => response.end(request.url), 50)
    })
    const { send } = await openTransport({ dispatcher: trustingAgent({ allowH2: true }) })
    await (await send(server.url, {})).toResponse().text()
    const abort = new AbortController()
    const never = send(`${server.url}never`, { signal: abort.signal })
    const others = Array.from({ length: 30 }, (_, i) => send(`${server.url}${i}`, {}))
    abort.abort("aborted")
    expect(await rejectionOf(never)).toBe("aborted")
    const bodies = await Promise.all(others.map(async (other) => (await other).toResponse().text()))
    expect(bodies).toEqual(Array.from({ length: 30 }, (_, i) => `/${i}`))
    expect(server.sockets.length).toBe(1)
  })

  it("is not negotiated by a dispatcher that does not allow it", async () => {
    const versions: Array<string> = []
    const server = await http2((request, response) => {
      versions.push(versionOf(request))
      response.end("ok")
    })
    const { send } = await openTransport({ dispatcher: trustingAgent({ allowH2: false }) })
    await (await send(server.url, {})).toResponse().text()
    expect(versions).toEqual(["1.1"])
  })
})

describe("the default dispatcher", () => {
  it("keeps connections alive until the client is closed", async () => {
    const server = await http((_, response) => response.end("ok"))
    const { close, send } = await openTransport()
    for (let i = 0; i < 10; i += 1) await (await send(server.url, {})).toResponse().text()
    expect(server.sockets.length).toBeLessThanOrEqual(2)
    expect(server.open()).toBe(server.sockets.length)
    await close()
    await until(() => server.open() === 0)
    const error = (await rejectionOf(send(server.url, {}))) as TypeError
    expect(error.message).toBe("fetch failed")
    expect((error.cause as NodeJS.ErrnoException).code).toMatch(/^UND_ERR_(?:CLOSED|DESTROYED)$/)
  })

  it("RUN-2: completes an open response after the client is closed, then closes the connection", async () => {
    const server = await http((_, response) => {
      response.write("one ")
      setTimeout(() => response.end("two"), 100)
    })
    const { close, send } = await openTransport()
    const response = await send(server.url, {})
    await close()
    expect(await response.toResponse().text()).toBe("one two")
    await until(() => server.open() === 0)
    const [socket] = server.sockets
    if (socket?.closed !== true) await once(socket!, "close")
    expect(socket?.closed).toBe(true)
  })
})
