// @vitest-environment happy-dom
import { createDeeply } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { UndiciTransport } from "@tokenkeep/transport-undici"
import { describe, expect, it, onTestFinished } from "vitest"

// happy-dom replaces Response, Headers, Blob and other globals with classes of its own.
const openClient = async () => {
  const server = await startFakeDeeply()
  const deeply = createDeeply({ apiKey: server.apiKey, host: server.host, transport: UndiciTransport.layer() })
  onTestFinished(async () => {
    await deeply.dispose()
    await server.close()
  })
  return { server, deeply }
}

describe("REQ-6: with the globals of happy-dom", () => {
  it("the response has the status, headers and URL of the server", async () => {
    const { deeply, server } = await openClient()
    server.script([{ on: "general", status: 404, body: { a: 1 }, headers: { "x-own": "1" } }])
    const response = await deeply.fetch("/api/v1/mics")
    const { headers, ok, redirected, status, statusText, type, url } = response
    expect({ ok, own: headers.get("x-own"), redirected, status, statusText, type, url }).toEqual({
      ok: false,
      own: "1",
      redirected: false,
      status: 404,
      statusText: "Not Found",
      type: "basic",
      url: `${deeply.baseUrl}api/v1/mics`
    })
    expect([response.bodyUsed, await response.json(), response.bodyUsed]).toEqual([false, { a: 1 }, true])
  })

  it.each<[string, (response: Response) => Promise<unknown>]>([
    ["text", (response) => response.text()],
    ["arrayBuffer", async (response) => Buffer.from(await response.arrayBuffer()).toString()],
    ["blob", async (response) => (await response.blob()).text()],
    ["clone", (response) => response.clone().text()],
    ["body", async (response) => new TextDecoder().decode((await response.body?.getReader().read())?.value)]
  ])("the body can be read with %s", async (_, read) => {
    const { deeply, server } = await openClient()
    server.script([{ on: "general", status: 200, body: "text" }])
    expect(await read(await deeply.fetch("/api/v1/mics"))).toBe("text")
  })

  it("REQ-1: an expired token is renewed", async () => {
    const { deeply, server } = await openClient()
    await deeply.fetch("/api/v1/mics")
    server.expireTokens()
    expect((await deeply.fetch("/api/v1/mics")).status).toBe(200)
    expect([server.stats.unauthorized, server.stats.issued]).toEqual([1, 2])
  })

  it("REQ-2: sends a blob, parameters and a form", async () => {
    const { deeply, server } = await openClient()
    const form = new FormData()
    form.append("name", "value")
    form.append("file", new File(["content"], "own.txt"))
    for (const body of [new Blob(["text"]), new URLSearchParams({ a: "1" }), form]) {
      await deeply.fetch("/api/v1/events", { method: "POST", body })
    }
    const [blob, parameters, parts] = server.stats.log.slice(-3).map(({ bodyText }) => bodyText)
    expect([blob, parameters]).toEqual(["text", "a=1"])
    expect(parts).toMatch(/name="name"\s+value\s[^]*filename="own.txt"[^]*content/)
  })
})
