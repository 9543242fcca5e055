import type { RequestListener } from "node:http"
import { inspect } from "node:util"
import { runInNewContext } from "node:vm"
import { gzipSync } from "node:zlib"
import { FormData, MockAgent } from "undici"
import { describe, expect, it, onTestFinished } from "vitest"
import { http } from "./support/servers.ts"
import { openTransport, rejectionOf, until } from "./support/transports.ts"

const responseFrom = async (listener: RequestListener) => {
  const server = await http(listener)
  const { send } = await openTransport()
  return (await send(server.url, {})).toResponse()
}

const json: RequestListener = (_, response) => {
  response.setHeader("content-type", "application/json; charset=utf-8")
  response.end(`{"a":"é"}`)
}

const gzipped: RequestListener = (_, response) => {
  response.setHeader("content-encoding", "gzip")
  response.end(gzipSync("compressed ".repeat(50_000)))
}

/** Sends the first chunk at once, and the second when `rest` is resolved. */
const inTwoChunks = () => {
  const rest = Promise.withResolvers<void>()
  const listener: RequestListener = async (_, response) => {
    response.write("one ")
    await rest.promise
    response.end("two")
  }
  return { listener, rest }
}

describe("REQ-6: the response", () => {
  it("has every property of a native Response", async () => {
    const response = await responseFrom(json)
    expect(response).toBeInstanceOf(Response)
    expect(Object.prototype.toString.call(response)).toBe("[object Response]")
    const { ok, redirected, status, statusText, type, url } = response
    expect({ ok, redirected, status, statusText, type }).toEqual({
      ok: true,
      redirected: false,
      status: 200,
      statusText: "OK",
      type: "basic"
    })
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(await response.json()).toEqual({ a: "é" })
  })

  it.each<[string, (response: Response) => Promise<unknown>, unknown]>([
    ["text", (response) => response.text(), `{"a":"é"}`],
    ["json", (response) => response.json(), { a: "é" }],
    ["bytes", async (response) => Buffer.from(await response.bytes()).toString(), `{"a":"é"}`],
    ["arrayBuffer", async (response) => (await response.arrayBuffer()).byteLength, 10],
    ["blob", async (response) => (await response.blob()).type, "application/json;charset=utf-8"]
  ])("reads its body once as %s, with and without a stream", async (_, read, expected) => {
    const unstreamed = await responseFrom(json)
    expect(unstreamed.bodyUsed).toBe(false)
    const reading = read(unstreamed)
    expect(unstreamed.bodyUsed).toBe(true)
    expect(await reading).toEqual(expected)
    expect(await rejectionOf(read(unstreamed))).toBeInstanceOf(TypeError)
    expect(await rejectionOf(unstreamed.formData())).toBeInstanceOf(TypeError)
    expect(() => unstreamed.clone()).toThrow(TypeError)
    const streamed = await responseFrom(json)
    expect(streamed.body).toBe(streamed.body)
    expect(streamed.bodyUsed).toBe(false)
    expect(await read(streamed)).toEqual(expected)
    expect(streamed.bodyUsed).toBe(true)
    expect(await rejectionOf(read(streamed))).toBeInstanceOf(TypeError)
  })

  it("has the status of the server, even one that the Response constructor refuses", async () => {
    const response = await responseFrom(({ socket }) =>
      socket.end("HTTP/1.1 999 Highest\r\ncontent-length: 2\r\n\r\nok")
    )
    expect([response.status, response.ok, response.statusText, await response.text()]).toEqual([
      999,
      false,
      "Highest",
      "ok"
    ])
  })

  it("reads forms", async () => {
    const response = await responseFrom((_, outgoing) => {
      outgoing.setHeader("content-type", "application/x-www-form-urlencoded")
      outgoing.end("a=1&b=%C3%A9")
    })
    expect([...(await response.formData())]).toEqual([
      ["a", "1"],
      ["b", "é"]
    ])
  })

  it("rejects invalid JSON with the same error as fetch", async () => {
    const invalidJson: RequestListener = (_, response) => response.end("{")
    const own = await rejectionOf((await responseFrom(invalidJson)).json())
    const server = await http(invalidJson)
    const platform = await rejectionOf((await fetch(server.url)).json())
    expect([(own as Error).name, (own as Error).message]).toEqual([
      (platform as Error).name,
      (platform as Error).message
    ])
  })

  it("fills the buffers of a BYOB reader", async () => {
    const response = await responseFrom((_, outgoing) => outgoing.end("12345"))
    const reader = response.body!.getReader({ mode: "byob" })
    const chunks: Array<string> = []
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(3))
      if (done) break
      chunks.push(Buffer.from(value).toString())
    }
    expect(chunks.join("")).toBe("12345")
  })

  it("can be cloned while its body arrives, as can the clone, and every copy is complete", async () => {
    const { listener, rest } = inTwoChunks()
    const response = await responseFrom(listener)
    const clone = response.clone()
    const again = clone.clone()
    expect([clone.status, clone.url, clone.type]).toEqual([200, response.url, "basic"])
    rest.resolve()
    expect(await Promise.all([response, clone, again].map((each) => each.text()))).toEqual(Array(3).fill("one two"))
  })

  it("waits for the rest of the body", async () => {
    const { listener, rest } = inTwoChunks()
    const response = await responseFrom(listener)
    const reading = response.text()
    setTimeout(rest.resolve, 20)
    expect(await reading).toBe("one two")
  })

  it("can pass its body to another Response", async () => {
    const response = await responseFrom(gzipped)
    const passed = new Response(response.body, response)
    expect([passed.status, (await passed.text()).length]).toEqual([200, 550_000])
  })

  it.each([
    ["read at once", (response: Response) => response.text()],
    ["streamed", (response: Response) => new Response(response.body).text()]
  ])("decodes bodies that are %s", async (_, read) => {
    const response = await responseFrom(gzipped)
    expect(response.headers.get("content-encoding")).toBe("gzip")
    expect(await read(response)).toBe("compressed ".repeat(50_000))
  })

  it("decodes zstd, which the request does not accept", async () => {
    const { zstdCompressSync } = await import("node:zlib")
    const response = await responseFrom((_, outgoing) => {
      outgoing.setHeader("content-encoding", "zstd")
      outgoing.end(zstdCompressSync("compressed ".repeat(1_000)))
    })
    expect(await response.text()).toBe("compressed ".repeat(1_000))
  })

  it.each(["constructor", "toString", "__proto__", "unknown"])(
    "does not decode a body with an unknown coding: %s",
    async (coding) => {
      const body = "not encoded ".repeat(10_000)
      const listener: RequestListener = (_, response) => response.setHeader("content-encoding", coding).end(body)
      expect(await (await responseFrom(listener)).text()).toBe(body)
      expect(await (await (await responseFrom(listener)).blob()).text()).toBe(body)
    }
  )

  it("completes a read although response.body is accessed before its end", async () => {
    const { listener, rest } = inTwoChunks()
    const response = await responseFrom(listener)
    const reading = response.text()
    expect(response.body).toBeInstanceOf(ReadableStream)
    expect(await rejectionOf(response.blob())).toBeInstanceOf(TypeError)
    rest.resolve()
    expect(await reading).toBe("one two")
  })

  it("closes the connection when a decoded body is cancelled", async () => {
    let isClosed = false
    const response = await responseFrom((_, outgoing) => {
      outgoing.on("close", () => (isClosed = true))
      outgoing.setHeader("content-encoding", "gzip")
      outgoing.write(gzipSync("compressed ".repeat(50_000)).subarray(0, 200))
    })
    await response.body?.cancel()
    await until(() => isClosed)
    expect(isClosed).toBe(true)
  })

  it("causes no unhandled rejection when an unread body is cut off", async () => {
    const response = await responseFrom((request, outgoing) => {
      outgoing.writeHead(200, { "content-length": "1000" }).write("part")
      setTimeout(() => request.socket.destroy(), 20)
    })
    await new Promise((resolve) => setTimeout(resolve, 60))
    const error = (await rejectionOf(response.text())) as TypeError
    expect([error.message, (error.cause as NodeJS.ErrnoException).code]).toEqual(["terminated", "UND_ERR_SOCKET"])
  })
})

describe("REQ-6: the request", () => {
  it("REQ-2: rejects with the error of the caller's stream, and cancels a stream that it does not read", async () => {
    const server = await http((request, response) => request.resume().on("end", () => response.end()))
    const { send } = await openTransport()
    const own = new Error("the source failed")
    const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(own) })
    const error = (await rejectionOf(
      send(server.url, { method: "POST", body: broken, duplex: "half" } as RequestInit)
    )) as TypeError
    expect([error.message, error.cause]).toEqual(["fetch failed", own])
    let cancelled: unknown
    const unread = new ReadableStream<Uint8Array>({ cancel: (reason) => void (cancelled = reason) })
    const refused = send("http://127.0.0.1:1/", { method: "POST", body: unread, duplex: "half" } as RequestInit)
    await rejectionOf(refused)
    await until(() => cancelled !== undefined)
    expect(cancelled).toBeInstanceOf(TypeError)
  })

  it("REQ-2: cancels a stream whose request is aborted", async () => {
    const server = await http((request) => request.resume())
    const { send } = await openTransport()
    const abort = new AbortController()
    let isCancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(1_024))
        setTimeout(() => abort.abort("cancelled"), 20)
        return new Promise((resolve) => setTimeout(resolve, 1))
      },
      cancel: () => void (isCancelled = true)
    })
    const init = { method: "POST", body: endless, duplex: "half", signal: abort.signal } as RequestInit
    expect(await rejectionOf(send(server.url, init))).toBe("cancelled")
    await until(() => isCancelled)
    expect(isCancelled).toBe(true)
  })

  it("sends a form of undici's own class", async () => {
    const server = await http((request, response) => request.pipe(response))
    const { send } = await openTransport()
    const body = new FormData()
    body.append("name", "value")
    const response = await send(server.url, { method: "POST", body: body as unknown as BodyInit })
    expect(await response.toResponse().text()).toMatch(/name="name"\s+value/)
  })

  it("keeps name, message and code of an error of another realm", async () => {
    const error: unknown = runInNewContext(`Object.assign(new RangeError("refused"), { code: "EOWN", data: "body" })`)
    const dispatcher = new MockAgent()
    dispatcher.disableNetConnect()
    dispatcher
      .get("http://127.0.0.1")
      .intercept({ path: "/" })
      .replyWithError(error as Error)
    onTestFinished(() => dispatcher.close())
    const { send } = await openTransport({ dispatcher })
    const { cause } = (await rejectionOf(send("http://127.0.0.1/", {}))) as TypeError
    expect(cause).toMatchObject({ name: "RangeError", message: "refused", code: "EOWN" })
    expect(cause).not.toHaveProperty("data")
  })

  it("refuses integrity, credentials in the URL, and invalid URLs", async () => {
    const { send } = await openTransport()
    const invalid: ReadonlyArray<readonly [string, RequestInit]> = [
      ["http://127.0.0.1:1/", { integrity: "sha256-abc" }],
      ["http://user:password@127.0.0.1:1/", {}],
      ["no url", {}],
      ["ftp://127.0.0.1/", {}]
    ]
    for (const [url, init] of invalid) expect(await rejectionOf(send(url, init))).toBeInstanceOf(TypeError)
  })
})

describe("SEC-1: the error of a body that the parser cannot read", () => {
  const secret = "canary-5f1d0c77e2"

  it.each<[string, (response: Response) => Promise<unknown>]>([
    ["text", (response) => response.text()],
    ["blob", (response) => response.blob()],
    ["a clone", (response) => response.clone().arrayBuffer()],
    ["a stream", async ({ body }) => body?.pipeTo(new WritableStream())]
  ])("SEC-1: does not quote what the server sent, read as %s", async (_, read) => {
    const rest = Promise.withResolvers<void>()
    const server = await http(async ({ socket }) => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n")
      await rest.promise
      socket.end(`Bearer ${secret}\r\n`)
    })
    const { send } = await openTransport()
    const reading = read((await send(server.url, {})).toResponse())
    rest.resolve()
    const error = await rejectionOf(reading)
    expect(error).toMatchObject({ message: "terminated", cause: { name: "HTTPParserError" } })
    expect(inspect(error, { depth: 12, showHidden: true })).not.toMatch(/canary|5f1d0c/)
  })
})
