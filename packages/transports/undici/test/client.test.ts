import { createDeeply } from "@tokenkeep/deeply"
import { type FakeDeeplyOptions, startFakeDeeply } from "@tokenkeep/deeply/testing"
import { UndiciTransport } from "@tokenkeep/transport-undici"
import { describe, expect, it, onTestFinished } from "vitest"
import { closedPort, http } from "./support/servers.ts"
import { rejectionOf } from "./support/transports.ts"

const startClient = async (options: FakeDeeplyOptions = {}) => {
  const server = await startFakeDeeply(options)
  const { apiKey, host } = server
  const deeply = createDeeply({ apiKey, host, transport: UndiciTransport.layer() })
  onTestFinished(async () => {
    await deeply.dispose()
    await server.close()
  })
  return { server, deeply }
}

describe("a client over undici", () => {
  it("TOK-2, REQ-1: 200 requests in flight when the token is revoked cause one token request, and none fails", async () => {
    const { deeply, server } = await startClient({ rateLimits: false, latency: 20 })
    await deeply.token()
    const calls = Array.from({ length: 200 }, () => deeply.fetch("/api/v1/events"))
    server.revokeTokens()
    const responses = await Promise.all(calls)
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]))
    await Promise.all(responses.map((response) => response.text()))
    expect(server.stats.issued).toBe(2)
  })

  it("REQ-1: retries a POST with its body once, and returns the second 401 with its body", async () => {
    const received: Array<string> = []
    const server = await http(async (request, response) => {
      if (request.url?.endsWith("/reissue") === true)
        return response.end(JSON.stringify({ access_token: `token-${received.length}` }))
      let body = ""
      for await (const chunk of request) body += String(chunk)
      received.push(`${request.headers.authorization} ${body}`)
      return response
        .writeHead(401, { "content-type": "application/json" })
        .end(`{"detail":{"message":"no ${received.length}"}}`)
    })
    await using deeply = createDeeply({
      apiKey: "undici-key-2f6c1d9a",
      host: server.url,
      transport: UndiciTransport.layer()
    })
    const response = await deeply.fetch("/x", { method: "POST", body: "body" })
    expect([response.status, await response.json()]).toEqual([401, { detail: { message: "no 2" } }])
    expect(received).toEqual(["Bearer token-0 body", "Bearer token-1 body"])
  })

  it("REQ-2: sends a stream once, renews the token, and returns the 401", async () => {
    const { deeply, server } = await startClient()
    await deeply.token()
    server.expireTokens()
    const init = { method: "POST", body: new Blob(["text"]).stream(), duplex: "half" } as RequestInit
    expect((await deeply.fetch("/api/v1/events", init)).status).toBe(401)
    expect(server.stats.issued).toBe(2)
  })

  it("REQ-3: follows a redirect, and sets redirected on the response and its clones", async () => {
    const server = await http((request, response) => {
      if (request.url?.endsWith("/reissue") === true) return response.end(JSON.stringify({ access_token: "token-1" }))
      if (request.url === "/from") return response.writeHead(302, { location: "/to" }).end()
      return response.end(request.headers.authorization)
    })
    await using deeply = createDeeply({
      apiKey: "undici-key-2f6c1d9a",
      host: server.url,
      transport: UndiciTransport.layer()
    })
    const response = await deeply.fetch("/from")
    const clone = response.clone()
    expect([response.redirected, clone.redirected, clone.clone().redirected]).toEqual([true, true, true])
    expect([response.url, await clone.text()]).toEqual([`${server.url}to`, "Bearer token-1"])
  })

  it("REQ-6: explains a 403, and leaves its body to the caller", async () => {
    const { deeply, server } = await startClient()
    await deeply.token()
    server.script([{ on: "general", status: 403, body: "no" }])
    const response = await deeply.fetch("/api/v1/events")
    const error = await deeply.explain(response)
    expect([error?.code, await response.text()]).toEqual(["FORBIDDEN", "no"])
  })

  it("TOK-7: an abort rejects only its own request, with the reason of the abort", async () => {
    const { deeply } = await startClient({ latency: 50 })
    const abort = new AbortController()
    const aborted = deeply.fetch("/api/v1/events", { signal: abort.signal })
    const other = deeply.fetch("/api/v1/events")
    abort.abort("no longer needed")
    expect(await rejectionOf(aborted)).toBe("no longer needed")
    expect((await other).status).toBe(200)
  })

  it("ISSUER_UNAVAILABLE has the system error code if no server listens", async () => {
    await using deeply = createDeeply({
      apiKey: "undici-key-2f6c1d9a",
      host: `http://127.0.0.1:${await closedPort()}`,
      transport: UndiciTransport.layer(),
      tokenRequest: { tries: 1 }
    })
    expect(await rejectionOf(deeply.fetch("/x"))).toMatchObject({
      code: "ISSUER_UNAVAILABLE",
      cause: { code: "ECONNREFUSED" }
    })
  })
})
