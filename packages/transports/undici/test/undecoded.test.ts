import { createDeeply } from "@tokenkeep/deeply"
import { createFakeDeeply } from "@tokenkeep/deeply/testing"
import { UndiciTransport } from "@tokenkeep/transport-undici"
import type { RequestListener } from "node:http"
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { http } from "./support/servers.ts"
import { openTransport, rejectionOf, until } from "./support/transports.ts"

const text = "compressed ".repeat(20_000)
const encodings = { gzip: gzipSync(text), br: brotliCompressSync(text), zstd: zstdCompressSync(text) }

const encoded =
  (coding: keyof typeof encodings): RequestListener =>
  (_, response) => {
    const body = encodings[coding]
    response.writeHead(200, { "content-encoding": coding, "content-length": body.length }).end(body)
  }

const bytesOf = async (chunks: AsyncIterable<Uint8Array> | undefined) => {
  const found: Array<Uint8Array> = []
  for await (const chunk of chunks ?? []) found.push(chunk)
  return Buffer.concat(found)
}

const codings = Object.keys(encodings) as Array<keyof typeof encodings>

describe("REQ-6: a transport that does not decode", () => {
  it.each(codings)("passes %s on as it was sent, with its length", async (coding) => {
    const server = await http(encoded(coding))
    const { send } = await openTransport({ decode: false })
    const read = async (body: (response: Response) => Promise<Uint8Array>) => {
      const response = (await send(server.url, { headers: { "accept-encoding": coding } })).toResponse()
      const { headers } = response
      return [headers.get("content-encoding"), headers.get("content-length"), Buffer.from(await body(response))]
    }
    const sent = [coding, `${encodings[coding].length}`, encodings[coding]]
    expect(await read((response) => response.bytes())).toEqual(sent)
    expect(await read((response) => bytesOf(response.body as unknown as AsyncIterable<Uint8Array>))).toEqual(sent)
    expect(await read((response) => response.clone().bytes())).toEqual(sent)
    expect(await read((response) => bytesOf(UndiciTransport.raw(response)?.chunks))).toEqual(sent)
  })

  it.each(codings)("lets core read %s decoded", async (coding) => {
    const server = await http(encoded(coding))
    const { send } = await openTransport({ decode: false })
    const { body } = await send(server.url, {})
    expect((await bytesOf(body as unknown as AsyncIterable<Uint8Array>)).toString()).toBe(text)
  })

  it("requests an encoding only if the caller does", async () => {
    const requested: Array<string | undefined> = []
    const server = await http((request, response) => {
      requested.push(request.headers["accept-encoding"]?.toString())
      response.end()
    })
    const { send } = await openTransport({ decode: false })
    for (const headers of [{}, { "accept-encoding": "br" }]) {
      await (await send(server.url, { headers })).toResponse().bytes()
    }
    expect(requested).toEqual([undefined, "br"])
  })

  it("TOK-6: shows core that a token has expired, also in a compressed 401", async () => {
    const clock = { now: 0 }
    const fake = createFakeDeeply({ now: () => clock.now, tokenLifetime: 60_000 })
    const server = await http(async (request, response) => {
      const { authorization = "" } = request.headers
      const { body, status } = await fake.handle(
        new Request(new URL(request.url ?? "", "http://127.0.0.1"), { headers: { authorization } })
      )
      response.writeHead(status, { "content-encoding": "gzip" }).end(gzipSync(await new Response(body).bytes()))
    })
    const reasons: Array<string> = []
    await using deeply = createDeeply({
      apiKey: fake.apiKey,
      host: { name: "gzip", baseUrl: server.url, allowInsecureHttp: true },
      transport: UndiciTransport.layer({ decode: false }),
      onTokenEvent: (event) => void (event.type === "rejected" && reasons.push(event.reason))
    })
    await deeply.token()
    clock.now = 61_000
    expect((await deeply.fetch("/api/v1/mics")).status).toBe(200)
    expect(reasons).toEqual(["expired"])
  })
})

describe("REQ-6: the raw parts of a response", () => {
  it("have the names, values and order of the server", async () => {
    const server = await http(({ socket }) =>
      socket.end(
        "HTTP/1.1 200 Fine\r\nX-Own: 1\r\nset-Cookie: a\r\nSet-Cookie: b\r\nX-Latin: \xe9\r\n\r\nbody",
        "latin1"
      )
    )
    const { send } = await openTransport({ decode: false })
    const raw = UndiciTransport.raw((await send(server.url, {})).toResponse())
    expect(raw).toMatchObject({
      status: 200,
      statusText: "Fine",
      headers: ["X-Own", "1", "set-Cookie", "a", "Set-Cookie", "b", "X-Latin", "é"]
    })
    expect((await bytesOf(raw?.chunks)).toString()).toBe("body")
  })

  it.each([
    ["HEAD", 200],
    ["GET", 204],
    ["GET", 304]
  ])("have no body after %s with %i", async (method, status) => {
    const server = await http((_, response) => response.writeHead(status, { etag: "1" }).end())
    const { send } = await openTransport({ decode: false })
    const raw = UndiciTransport.raw((await send(server.url, { method })).toResponse())
    expect([raw?.status, raw?.chunks]).toEqual([status, undefined])
  })

  it("can be taken once, and only from a body that was not read", async () => {
    const server = await http((_, response) => response.end("body"))
    const { send } = await openTransport()
    const open = async () => (await send(server.url, {})).toResponse()
    const uses: ReadonlyArray<(response: Response) => unknown> = [
      (response) => UndiciTransport.raw(response),
      (response) => response.text(),
      (response) => response.body
    ]
    for (const use of uses) {
      const response = await open()
      await use(response)
      expect(() => UndiciTransport.raw(response)).toThrow(TypeError)
    }
    const taken = await open()
    UndiciTransport.raw(taken)
    expect(taken.bodyUsed).toBe(true)
    expect(await rejectionOf(taken.text())).toBeInstanceOf(TypeError)
    expect(UndiciTransport.raw(new Response("another"))).toBeUndefined()
  })

  it("close the connection if the reader returns early", async () => {
    const server = await http((_, response) => response.write("endless"))
    const { send } = await openTransport()
    const raw = UndiciTransport.raw((await send(server.url, {})).toResponse())
    await raw?.chunks?.next()
    await raw?.chunks?.return?.()
    await until(() => server.open() === 0)
    expect(server.open()).toBe(0)
  })
})
