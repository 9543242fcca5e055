import type { RequestListener } from "node:http"
import { gzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { http } from "./support/servers.ts"
import { opened, rejectionOf, until } from "./support/transports.ts"

const answered = async (listener: RequestListener) => {
  const place = await http(listener)
  const { send } = await opened()
  return (await send(place.url, {})).toResponse()
}

const json: RequestListener = (_, response) => {
  response.setHeader("content-type", "application/json; charset=utf-8")
  response.end(`{"a":"é"}`)
}

const zipped: RequestListener = (_, response) => {
  response.setHeader("content-encoding", "gzip")
  response.end(gzipSync("zipped ".repeat(50_000)))
}

/** Sends the first piece, and the rest when it is told to. */
const inTwo = () => {
  const rest = Promise.withResolvers<void>()
  const listener: RequestListener = async (_, response) => {
    response.write("one ")
    await rest.promise
    response.end("two")
  }
  return { listener, rest }
}

describe("REQ-6: the response", () => {
  it("is a Response of the platform in all that can be asked of one", async () => {
    const response = await answered(json)
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
  ])("reads its body once as %s, without a stream or with one", async (_, read, expected) => {
    const whole = await answered(json)
    expect(whole.bodyUsed).toBe(false)
    const reading = read(whole)
    expect(whole.bodyUsed).toBe(true)
    expect(await reading).toEqual(expected)
    expect(await rejectionOf(read(whole))).toBeInstanceOf(TypeError)
    expect(await rejectionOf(whole.formData())).toBeInstanceOf(TypeError)
    expect(() => whole.clone()).toThrow(TypeError)
    const streamed = await answered(json)
    expect(streamed.body).toBe(streamed.body)
    expect(streamed.bodyUsed).toBe(false)
    expect(await read(streamed)).toEqual(expected)
    expect(streamed.bodyUsed).toBe(true)
    expect(await rejectionOf(read(streamed))).toBeInstanceOf(TypeError)
  })

  it("has whatever status there was, also one that no Response can be made with", async () => {
    const response = await answered(({ socket }) => socket.end("HTTP/1.1 999 Highest\r\ncontent-length: 2\r\n\r\nok"))
    expect([response.status, response.ok, response.statusText, await response.text()]).toEqual([
      999,
      false,
      "Highest",
      "ok"
    ])
  })

  it("reads forms", async () => {
    const response = await answered((_, answer) => {
      answer.setHeader("content-type", "application/x-www-form-urlencoded")
      answer.end("a=1&b=%C3%A9")
    })
    expect([...(await response.formData())]).toEqual([
      ["a", "1"],
      ["b", "é"]
    ])
  })

  it("says what is no JSON as fetch does", async () => {
    const wrong: RequestListener = (_, response) => response.end("{")
    const own = await rejectionOf((await answered(wrong)).json())
    const place = await http(wrong)
    const platform = await rejectionOf((await fetch(place.url)).json())
    expect([(own as Error).name, (own as Error).message]).toEqual([
      (platform as Error).name,
      (platform as Error).message
    ])
  })

  it("lends its bytes to whoever brings a buffer", async () => {
    const response = await answered((_, answer) => answer.end("12345"))
    const reader = response.body!.getReader({ mode: "byob" })
    const texts: Array<string> = []
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(3))
      if (done) break
      texts.push(Buffer.from(value).toString())
    }
    expect(texts.join("")).toBe("12345")
  })

  it("can be cloned while its body comes, and both are whole; the clone can be cloned, too", async () => {
    const { listener, rest } = inTwo()
    const response = await answered(listener)
    const clone = response.clone()
    const again = clone.clone()
    expect([clone.status, clone.url, clone.type]).toEqual([200, response.url, "basic"])
    rest.resolve()
    expect(await Promise.all([response, clone, again].map((each) => each.text()))).toEqual(Array(3).fill("one two"))
  })

  it("waits for the rest when it is read whole", async () => {
    const { listener, rest } = inTwo()
    const response = await answered(listener)
    const reading = response.text()
    setTimeout(rest.resolve, 20)
    expect(await reading).toBe("one two")
  })

  it("can go on as another's body", async () => {
    const response = await answered(zipped)
    const passed = new Response(response.body, response)
    expect([passed.status, (await passed.text()).length]).toEqual([200, 350_000])
  })

  it.each([
    ["read whole", (response: Response) => response.text()],
    ["streamed", (response: Response) => new Response(response.body).text()]
  ])("decodes bodies that are %s", async (_, read) => {
    const response = await answered(zipped)
    expect(response.headers.get("content-encoding")).toBe("gzip")
    expect(await read(response)).toBe("zipped ".repeat(50_000))
  })

  it("decodes zstd, where a server sends it unasked", async () => {
    const { zstdCompressSync } = await import("node:zlib")
    const response = await answered((_, answer) => {
      answer.setHeader("content-encoding", "zstd")
      answer.end(zstdCompressSync("zipped ".repeat(1_000)))
    })
    expect(await response.text()).toBe("zipped ".repeat(1_000))
  })

  it("gives a decoded body up, and its connection with it", async () => {
    let isOver = false
    const response = await answered((_, answer) => {
      answer.on("close", () => (isOver = true))
      answer.setHeader("content-encoding", "gzip")
      answer.write(gzipSync("zipped ".repeat(50_000)).subarray(0, 200))
    })
    await response.body?.cancel()
    await until(() => isOver)
    expect(isOver).toBe(true)
  })

  it("has no error that nobody waits for, when a body breaks that is not read", async () => {
    const response = await answered((request, answer) => {
      answer.writeHead(200, { "content-length": "1000" }).write("part")
      setTimeout(() => request.socket.destroy(), 20)
    })
    await new Promise((resolve) => setTimeout(resolve, 60))
    const error = (await rejectionOf(response.text())) as TypeError
    expect([error.message, (error.cause as NodeJS.ErrnoException).code]).toEqual(["terminated", "UND_ERR_SOCKET"])
  })
})

describe("REQ-6: the request", () => {
  it("REQ-2: gives a caller's stream its own error back, and lets go of one that nobody reads", async () => {
    const place = await http((request, response) => request.resume().on("end", () => response.end()))
    const { send } = await opened()
    const own = new Error("the source broke")
    const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(own) })
    const error = (await rejectionOf(
      send(place.url, { method: "POST", body: broken, duplex: "half" } as RequestInit)
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
    const place = await http((request) => request.resume())
    const { send } = await opened()
    const abort = new AbortController()
    let isCancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(1_024))
        setTimeout(() => abort.abort("enough"), 20)
        return new Promise((resolve) => setTimeout(resolve, 1))
      },
      cancel: () => void (isCancelled = true)
    })
    const init = { method: "POST", body: endless, duplex: "half", signal: abort.signal } as RequestInit
    expect(await rejectionOf(send(place.url, init))).toBe("enough")
    await until(() => isCancelled)
    expect(isCancelled).toBe(true)
  })

  it("refuses what it cannot check or must not send", async () => {
    const { send } = await opened()
    const wrong: ReadonlyArray<readonly [string, RequestInit]> = [
      ["http://127.0.0.1:1/", { integrity: "sha256-abc" }],
      ["http://user:password@127.0.0.1:1/", {}],
      ["no url", {}],
      ["ftp://127.0.0.1/", {}]
    ]
    for (const [url, init] of wrong) expect(await rejectionOf(send(url, init))).toBeInstanceOf(TypeError)
  })
})
