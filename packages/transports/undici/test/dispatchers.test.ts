import { once } from "node:events"
import type { IncomingMessage } from "node:http"
import type { Http2ServerRequest } from "node:http2"
import { Agent, MockAgent, ProxyAgent } from "undici"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import { describe, expect, it, onTestFinished } from "vitest"
import { http, http2, https, selfSigned, tunnelling } from "./support/servers.ts"
import { opened, rejectionOf, until } from "./support/transports.ts"

const secret = "canary-7c0f1d22"
const headers = { authorization: `Bearer ${secret}` }

const closing = <A extends Agent | ProxyAgent | MockAgent>(dispatcher: A): A => {
  onTestFinished(() => dispatcher.close())
  return dispatcher
}

const trusting = (options: Agent.Options = {}) => closing(new Agent({ ...options, connect: { ca: selfSigned().cert } }))

describe("the dispatcher of one's own", () => {
  it("RUN-2: stays open when the client is given up, and is used by the next", async () => {
    const place = await http((_, response) => response.end("ok"))
    const dispatcher = closing(new Agent())
    for (let client = 0; client < 3; client += 1) {
      const { close, send } = await opened({ dispatcher })
      expect(await (await send(place.url, {})).toResponse().text()).toBe("ok")
      await close()
      expect(dispatcher.closed).toBe(false)
    }
    // undici takes turns between two where requests follow each other closely.
    expect(place.sockets.length).toBeLessThanOrEqual(2)
  })

  it("keeps its limits: two connections for twenty requests", async () => {
    const place = await http((_, response) => setTimeout(() => response.end("ok"), 5))
    const { send } = await opened({ dispatcher: closing(new Agent({ connections: 2 })) })
    const responses = await Promise.all(Array.from({ length: 20 }, () => send(place.url, {})))
    await Promise.all(responses.map((response) => response.toResponse().text()))
    expect(place.sockets.length).toBe(2)
  })

  it("may be one for a single request, as with fetch", async () => {
    const place = await http((_, response) => response.end("direct"))
    const proxy = await tunnelling()
    const { send } = await opened()
    const init: RequestInit & { readonly dispatcher: ProxyAgent } = {
      dispatcher: closing(new ProxyAgent({ uri: proxy.url, proxyTunnel: true }))
    }
    expect(await (await send(place.url, init)).toResponse().text()).toBe("direct")
    expect(proxy.tunnels.length).toBe(1)
  })

  it("REQ-4: a proxy that makes a tunnel to https sees the host and its own password, and no token", async () => {
    const seen: Array<string | undefined> = []
    const place = await https((request, response) => {
      seen.push(request.headers.authorization)
      response.end("through")
    })
    const proxy = await tunnelling()
    const dispatcher = closing(
      new ProxyAgent({ uri: proxy.url, token: "Basic cHJveHk6cHc=", requestTls: { ca: selfSigned().cert } })
    )
    const { send } = await opened({ dispatcher })
    expect(await (await send(place.url, { headers })).toResponse().text()).toBe("through")
    expect(seen).toEqual([headers.authorization])
    expect(proxy.tunnels).toEqual([`${new URL(place.url).host} Basic cHJveHk6cHc= undefined`])
  })

  it("SEC-1: a proxy that refuses is an error that prints neither the token nor its own password", async () => {
    const proxy = await http((_, response) => response.end())
    const { send } = await opened({
      dispatcher: closing(new ProxyAgent({ uri: proxy.url, token: "Basic cHJveHk6cHc=" }))
    })
    const error = await rejectionOf(send("https://localhost:1/", { headers }))
    expect(error).toBeInstanceOf(TypeError)
    assertNoSecrets(`${String(error)}${JSON.stringify(error)}${(error as Error).stack}`, [secret, "cHJveHk6cHc="])
  })

  it("SEC-1: may be a mock, whose error quotes the request: ours leaves that out", async () => {
    const dispatcher = closing(new MockAgent())
    dispatcher.disableNetConnect()
    const pool = dispatcher.get("https://api.example.test")
    pool
      .intercept({ path: "/ok" })
      .reply(200, { a: 1 }, { headers: { "set-cookie": ["a=1", "b=2"], "x-name": "ключ" } })
    pool.intercept({ path: "/strict", headers: { authorization: "Bearer other" } }).reply(200, "")
    const { send } = await opened({ dispatcher })
    const answer = (await send("https://api.example.test/ok", { headers })).toResponse()
    expect([answer.status, await answer.json(), answer.headers.getSetCookie()]).toEqual([200, { a: 1 }, ["a=1", "b=2"]])
    expect(Buffer.from(answer.headers.get("x-name") ?? "", "latin1").toString()).toBe("ключ")
    const error = (await rejectionOf(send("https://api.example.test/strict", { headers }))) as TypeError
    expect([error.message, (error.cause as Error).name]).toEqual(["fetch failed", "MockNotMatchedError"])
    assertNoSecrets(`${error.stack}${JSON.stringify(error.cause)}${(error.cause as Error).stack}`, [secret])
  })
})

describe("TLS", () => {
  it("refuses a certificate that nobody vouches for, with the code that fetch has for it", async () => {
    const place = await https((_, response) => response.end("never"))
    const { send } = await opened()
    const [own, platform] = (await Promise.all([rejectionOf(send(place.url, {})), rejectionOf(fetch(place.url))])) as [
      TypeError,
      TypeError
    ]
    const tell = ({ cause, message }: TypeError) => [message, (cause as NodeJS.ErrnoException).code]
    expect(tell(own)).toEqual(tell(platform))
    expect(tell(own)).toEqual(["fetch failed", "DEPTH_ZERO_SELF_SIGNED_CERT"])
  })

  it("takes one that the dispatcher trusts, and asks for br there, as fetch does", async () => {
    const accepted: Array<unknown> = []
    const place = await https((request, response) => {
      accepted.push(request.headers["accept-encoding"])
      response.end("secure")
    })
    const { send } = await opened({ dispatcher: trusting() })
    expect(await (await send(place.url, {})).toResponse().text()).toBe("secure")
    expect(accepted).toEqual(["br, gzip, deflate"])
  })
})

describe("HTTP/2", () => {
  const versionOf = (request: IncomingMessage | Http2ServerRequest): string => request.httpVersion

  it("is spoken where dispatcher and server do", async () => {
    const versions: Array<string> = []
    const place = await http2((request, response) => {
      versions.push(versionOf(request))
      response.setHeader("set-cookie", ["a=1", "b=2"])
      response.setHeader("x-own", "1")
      request.pipe(response)
    })
    const { send } = await opened({ dispatcher: trusting({ allowH2: true }) })
    const got = (await send(`${place.url}a?b=c`, { headers })).toResponse()
    expect([got.status, await got.text(), got.headers.getSetCookie()]).toEqual([200, "", ["a=1", "b=2"]])
    expect([...got.headers.keys()].filter((name) => name.startsWith(":"))).toEqual([])
    const posted = await send(place.url, { method: "POST", body: "text" })
    expect(await posted.toResponse().text()).toBe("text")
    const stream = new Blob(["in ", "pieces"]).stream()
    const streamed = await send(place.url, { method: "POST", body: stream, duplex: "half" } as RequestInit)
    expect(await streamed.toResponse().text()).toBe("in pieces")
    expect(versions).toEqual(["2.0", "2.0", "2.0"])
    expect(place.sockets.length).toBe(1)
  })

  it("carries many requests at once on one connection, and an abort ends its own", async () => {
    const place = await http2((request, response) => {
      if (request.url !== "/never") setTimeout(() => response.end(request.url), 50)
    })
    const { send } = await opened({ dispatcher: trusting({ allowH2: true }) })
    await (await send(place.url, {})).toResponse().text()
    const abort = new AbortController()
    const never = send(`${place.url}never`, { signal: abort.signal })
    const others = Array.from({ length: 30 }, (_, i) => send(`${place.url}${i}`, {}))
    abort.abort("this one")
    expect(await rejectionOf(never)).toBe("this one")
    const texts = await Promise.all(others.map(async (other) => (await other).toResponse().text()))
    expect(texts).toEqual(Array.from({ length: 30 }, (_, i) => `/${i}`))
    expect(place.sockets.length).toBe(1)
  })

  it("is not asked for by a dispatcher that does not allow it", async () => {
    const versions: Array<string> = []
    const place = await http2((request, response) => {
      versions.push(versionOf(request))
      response.end("ok")
    })
    const { send } = await opened({ dispatcher: trusting({ allowH2: false }) })
    await (await send(place.url, {})).toResponse().text()
    expect(versions).toEqual(["1.1"])
  })
})

describe("the dispatcher of the transport's own", () => {
  it("keeps connections alive, and closes them with the client", async () => {
    const place = await http((_, response) => response.end("ok"))
    const { close, send } = await opened()
    for (let i = 0; i < 10; i += 1) await (await send(place.url, {})).toResponse().text()
    expect(place.sockets.length).toBeLessThanOrEqual(2)
    expect(place.open()).toBe(place.sockets.length)
    await close()
    await until(() => place.open() === 0)
    const error = (await rejectionOf(send(place.url, {}))) as TypeError
    expect(error.message).toBe("fetch failed")
    expect((error.cause as NodeJS.ErrnoException).code).toMatch(/^UND_ERR_(?:CLOSED|DESTROYED)$/)
  })

  it("RUN-2: lets an answer that was handed out come to its end, then closes", async () => {
    const place = await http((_, response) => {
      response.write("one ")
      setTimeout(() => response.end("two"), 100)
    })
    const { close, send } = await opened()
    const response = await send(place.url, {})
    await close()
    expect(await response.toResponse().text()).toBe("one two")
    await until(() => place.open() === 0)
    const [socket] = place.sockets
    if (socket?.closed !== true) await once(socket!, "close")
    expect(socket?.closed).toBe(true)
  })
})
