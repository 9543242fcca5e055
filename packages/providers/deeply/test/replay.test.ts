import { describe, expect, it } from "vitest"
import { clientOf, eventually, fakeServer, keepingResponses, rejection } from "./support/clients.ts"
import { expired, json, ok, rawApi, rejectingFirst } from "./support/servers.ts"

const events = "/api/v1/events?size=1"

describe("REQ-1: exactly one replay", () => {
  it.each(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])(
    "REQ-1: a 401 renews the token and repeats a %s once, unchanged",
    async (method) => {
      const server = await rawApi(rejectingFirst(ok))
      const deeply = clientOf(server)
      const body = method === "GET" || method === "HEAD" ? {} : { body: "payload" }
      const response = await deeply.fetch("/thing?x=1", { method, headers: { "x-own": "kept" }, ...body })
      expect(response.status).toBe(200)
      expect(server.tokenRequests()).toBe(2)
      const [first, second, ...more] = server.general()
      expect(more).toEqual([])
      expect([first?.headers.authorization, second?.headers.authorization]).toEqual([
        "Bearer token-1",
        "Bearer token-2"
      ])
      for (const send of [first, second]) {
        expect(send).toMatchObject({ method, path: "/thing?x=1", headers: { "x-own": "kept" } })
        expect(send?.body.toString()).toBe("body" in body ? "payload" : "")
      }
    }
  )

  it("REQ-1: a second 401 is returned with its body, and the request is not sent a third time", async () => {
    const server = await rawApi((_, response) => json(response, 401, { detail: { message: "No." } }))
    const deeply = clientOf(server)
    const response = await deeply.fetch(events)
    expect([response.status, await response.json()]).toEqual([401, { detail: { message: "No." } }])
    expect([server.general().length, server.tokenRequests()]).toEqual([2, 2])
  })

  it("REQ-1: each call is sent twice to a server that always responds with 401", async () => {
    const server = await rawApi((_, response) => expired(response))
    const deeply = clientOf(server)
    for (let call = 1; call <= 3; call += 1) {
      expect((await deeply.fetch(events)).status).toBe(401)
      expect(server.general()).toHaveLength(2 * call)
    }
    expect(server.tokenRequests()).toBe(4)
  })

  it("REQ-1: the body of a 401 is cancelled, even if it never ends, and its connection is closed", async () => {
    const server = await rawApi((request, response) => {
      if (request.headers.authorization !== "Bearer token-1") return ok(request, response)
      response.writeHead(401, { "content-type": "application/json" })
      const drip = setInterval(() => response.write(" "), 5)
      response.on("close", () => clearInterval(drip))
    })
    const deeply = clientOf(server, { transport: keepingResponses([]) })
    expect(await (await deeply.fetch(events)).json()).toEqual({ ok: true })
    await eventually(() => server.general()[0]?.closed).toBe(true)
    expect(server.general()[0]?.aborted).toBe(true)
  })

  it("REQ-1: if the renewal fails, the call rejects with that error, and the request is not repeated", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    await deeply.fetch(events)
    server.expireTokens()
    server.revokeKey()
    expect(await rejection(deeply.fetch(events))).toMatchObject({ name: "TokenkeepError", code: "API_KEY_REJECTED" })
    expect(server.stats).toMatchObject({ requests: 2, replays: 0 })
  })

  it("REQ-1: if the token response is invalid, the call rejects with TOKEN_RESPONSE_INVALID", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    await deeply.fetch(events)
    server.expireTokens()
    server.script([{ on: "token-request", status: 200, body: [] }])
    expect(await rejection(deeply.fetch(events))).toMatchObject({ code: "TOKEN_RESPONSE_INVALID" })
    expect((await deeply.fetch(events)).status).toBe(200)
  })

  it("REQ-1: if the renewal fails, the body of the 401 is cancelled", async () => {
    const server = await rawApi((_, response) => {
      response.writeHead(401).write("x")
    })
    let key: string | undefined = server.apiKey
    const deeply = clientOf(server, { apiKey: () => key ?? "", transport: keepingResponses([]) })
    await deeply.token()
    key = undefined
    expect(await rejection(deeply.fetch(events))).toMatchObject({ code: "API_KEY_MALFORMED" })
    await eventually(() => server.general()[0]?.closed).toBe(true)
  })

  it.each([
    ["the documented body", { detail: { message: "The request carries no authentication token." } }],
    ["a firewall's page", "<html>Blocked</html>"]
  ])("REQ-1: a 403 with %s never causes a renewal, and is returned with its body", async (_, body) => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    const token = await deeply.token()
    server.script([{ on: "general", status: 403, body }])
    const response = await deeply.fetch(events)
    expect(response.status).toBe(403)
    expect(await response.text()).toBe(typeof body === "string" ? body : JSON.stringify(body))
    expect(deeply.peek()).toBe(token)
    expect(server.stats).toMatchObject({ tokenRequests: 1, requests: 1 })
  })

  it.each([400, 402, 404, 418, 429, 500, 503])("REQ-1: a %i causes neither a renewal nor a replay", async (status) => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    server.script([{ on: "general", status, body: "unchanged" }])
    const response = await deeply.fetch(events)
    expect([response.status, await response.text()]).toEqual([status, "unchanged"])
    expect(server.stats).toMatchObject({ tokenRequests: 1, requests: 1 })
  })

  for (const [what, body] of [
    ["a POST", () => "payload"],
    ["a POST of a stream", () => new Blob(["payload"]).stream()]
  ] as const) {
    it(`REQ-1: ${what} that was redirected with 303 is not sent again: the redirect is, after its 401`, async () => {
      const server = await rawApi((request, response) => {
        if (request.path === "/orders") return void response.writeHead(303, { location: "/orders/7" }).end()
        return rejectingFirst(ok)(request, response)
      })
      const init = { method: "POST", body: body(), duplex: "half" } as RequestInit
      const response = await clientOf(server).fetch("/orders", init)
      expect([response.status, response.redirected]).toEqual([200, true])
      expect(server.general().map(({ headers, method, path }) => [method, path, headers.authorization])).toEqual([
        ["POST", "/orders", "Bearer token-1"],
        ["GET", "/orders/7", "Bearer token-1"],
        ["GET", "/orders/7", "Bearer token-2"]
      ])
    })
  }

  it("REQ-1: redirects that are not repeated count, so that twenty is the most", async () => {
    const server = await rawApi((request, response) => {
      const step = Number(request.path.slice(1))
      if (step === 12 && request.headers.authorization === "Bearer token-1") return expired(response)
      return void response.writeHead(step === 4 ? 303 : 307, { location: `/${step + 1}` }).end()
    })
    expect(await rejection(clientOf(server).fetch("/0", { method: "POST", body: "payload" }))).toMatchObject({
      message: "fetch failed",
      cause: { message: "redirect count exceeded" }
    })
    // Steps 0 to 12 with the first token, then 5 to 20 with the second.
    expect(server.general()).toHaveLength(13 + 16)
  })

  it("REQ-1: a connection that breaks in the replay rejects as with fetch", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    await deeply.token()
    server.expireTokens()
    server.script([{ on: "general" }, { on: "general", reset: true }])
    expect(await rejection(deeply.fetch(events, { method: "POST", body: "x" }))).toBeInstanceOf(TypeError)
    expect(server.stats).toMatchObject({ tokenRequests: 2, requests: 2 })
  })
})
