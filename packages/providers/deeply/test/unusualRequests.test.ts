import { createDeeply } from "@tokenkeep/deeply"
import { afterEach, describe, expect, it, vi } from "vitest"
import { clientOf, fakeServer, rejection } from "./support/clients.ts"
import { playground } from "./support/fetchComparison.ts"
import { ok, rawApi, rawServer, rejectingFirst } from "./support/servers.ts"

afterEach(() => vi.unstubAllEnvs())

describe("unusual requests", () => {
  it("KEY-1: the environment's key in a client's first request is CREDENTIAL_MISUSED, and not sent", async () => {
    const server = await fakeServer()
    vi.stubEnv("DEEPLY_API_KEY", server.apiKey)
    const deeply = clientOf(server, { apiKey: undefined })
    const call = deeply.fetch("/api/v1/events", { headers: { authorization: `Bearer ${server.apiKey}` } })
    expect(await rejection(call)).toMatchObject({ code: "CREDENTIAL_MISUSED" })
    expect(server.stats.apiKeyLeaks).toBe(0)
  })

  it("KEY-1: a client's own key is rejected, even if the process has used many other keys", async () => {
    const server = await fakeServer()
    const issuer = await rawServer((_, response) => response.end('{"access_token":"token-1"}'))
    const deeply = clientOf(server)
    await deeply.token()
    for (let key = 0; key < 64; key += 1) {
      await clientOf({ url: issuer.url, apiKey: `dk_another_tenant_${key}_9f2c61d0` }).token()
    }
    const call = deeply.fetch("/api/v1/events", { headers: { "x-key": server.apiKey } })
    expect(await rejection(call)).toMatchObject({ code: "CREDENTIAL_MISUSED" })
    expect(server.stats.apiKeyLeaks).toBe(0)
  })

  it("REQ-5: an Authorization header of undefined does not break the token", async () => {
    const server = await rawApi(ok)
    await clientOf(server).fetch("/x", { headers: { Authorization: undefined } as never })
    expect(["Bearer token-1", "undefined"]).toContain(server.general()[0]?.headers.authorization)
  })

  it.each([false, true])(
    "REQ-6: headers that are changed after fetch was called are not sent (cached token: %s)",
    async (isCached) => {
      const server = await rawApi(rejectingFirst(ok))
      const deeply = clientOf(server)
      if (isCached) await deeply.token()
      const headers = new Headers({ "x-own": "before" })
      const call = deeply.fetch("/x", { headers })
      headers.set("x-own", "after")
      await call
      expect(server.general().map((seen) => seen.headers["x-own"])).toEqual(["before", "before"])
    }
  )

  it("REQ-6: a Request as the init is read as with fetch", async () => {
    const server = await playground()
    const init = () => new Request("http://x.test/", { method: "PUT", headers: { "x-own": "1" } })
    const bare = await (await fetch(`${server.url}/echo`, init())).json()
    const own = await (await clientOf(server).fetch(`${server.url}/echo`, init())).json()
    expect(own).toEqual({ ...bare, authorized: true })
  })

  it("REQ-6: headers in an iterator are sent as with fetch", async () => {
    const server = await playground()
    const init = () => ({ headers: new Headers({ "x-own": "1" }).entries() as unknown as HeadersInit })
    const bare = await (await fetch(`${server.url}/echo`, init())).json()
    const own = await (await clientOf(server).fetch(`${server.url}/echo`, init())).json()
    expect(own).toEqual({ ...bare, authorized: true })
  })

  it("REQ-6: a clone of a redirected response has redirected, as with fetch", async () => {
    const server = await playground()
    expect((await fetch(`${server.url}/moved/302`)).clone().redirected).toBe(true)
    expect((await clientOf(server).fetch("/moved/302")).clone().redirected).toBe(true)
  })

  it("KEY-2: a 401 to the token request with an endless body is API_KEY_REJECTED", async () => {
    const server = await fakeServer()
    server.script([{ on: "token-request", status: 401, endless: true, chunk: 1, interval: 20 }])
    const deeply = clientOf(server, { tokenRequest: { deadline: 1_500 } })
    expect(await rejection(deeply.token())).toMatchObject({ code: "API_KEY_REJECTED" })
  })

  it("REQ-4, SEC-1: INSECURE_ORIGIN suggests a value that keeps the host's path, without repeating the path", () => {
    const host = "http://192.0.2.7:8100/gate"
    expect(() => createDeeply({ apiKey: "dk_9f2c61d0", host })).toThrow(
      /^(?!.*gate).*\{ name: "edge", baseUrl: host, allowInsecureHttp: true \}/
    )
    const named = { name: "edge", baseUrl: host, allowInsecureHttp: true }
    expect(createDeeply({ apiKey: "dk_9f2c61d0", host: named }).host.baseUrl).toBe(host)
  })
  it("REQ-5: the key in a query encoded by URLSearchParams is CREDENTIAL_MISUSED", async () => {
    const server = await rawApi(ok)
    const url = new URL("/x", server.url)
    url.searchParams.set("key", server.apiKey)
    expect(await rejection(clientOf(server).fetch(url))).toMatchObject({ code: "CREDENTIAL_MISUSED" })
  })
})
