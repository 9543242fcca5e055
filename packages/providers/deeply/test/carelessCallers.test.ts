import { createDeeply } from "@tokenkeep/deeply"
import { afterEach, describe, expect, it, vi } from "vitest"
import { clientOf, fakeServer, rejection } from "./support/clients.ts"
import { playground } from "./support/dropIn.ts"
import { ok, rawApi, rawServer, refusingFirst } from "./support/servers.ts"

afterEach(() => vi.unstubAllEnvs())

describe("what a careless caller passes", () => {
  it("KEY-1: the environment's key in a client's very first request is API_KEY_MISUSED, and not sent", async () => {
    const server = await fakeServer()
    vi.stubEnv("DEEPLY_API_KEY", server.apiKey)
    const deeply = clientOf(server, { apiKey: undefined })
    const call = deeply.fetch("/api/v1/events", { headers: { authorization: `Bearer ${server.apiKey}` } })
    expect(await rejection(call)).toMatchObject({ code: "API_KEY_MISUSED" })
    expect(server.stats.apiKeyLeaks).toBe(0)
  })

  it("KEY-1: a client's own key is caught however many other keys the process has used", async () => {
    const server = await fakeServer()
    const issuer = await rawServer((_, response) => response.end('{"access_token":"token-1"}'))
    const deeply = clientOf(server)
    await deeply.token()
    for (let key = 0; key < 64; key += 1) {
      await clientOf({ url: issuer.url, apiKey: `dk_another_tenant_${key}_9f2c61d0` }).token()
    }
    const call = deeply.fetch("/api/v1/events", { headers: { "x-key": server.apiKey } })
    expect(await rejection(call)).toMatchObject({ code: "API_KEY_MISUSED" })
    expect(server.stats.apiKeyLeaks).toBe(0)
  })

  it.each<[string, (key: string) => BodyInit]>([
    ["URL parameters", (key) => new URLSearchParams({ key })],
    ["bytes", (key) => new TextEncoder().encode(key)],
    [
      "a form",
      (key) => {
        const form = new FormData()
        form.append("key", key)
        return form
      }
    ]
  ])("API_KEY_MISUSED: the key in %s is caught like one in a string body", async (_, body) => {
    const server = await rawApi(ok)
    const call = clientOf(server).fetch("/x", { method: "POST", body: body(server.apiKey) })
    expect(await rejection(call)).toMatchObject({ code: "API_KEY_MISUSED" })
  })

  it("REQ-5: an Authorization that is undefined does not spoil the token", async () => {
    const server = await rawApi(ok)
    await clientOf(server).fetch("/x", { headers: { Authorization: undefined } as never })
    expect(["Bearer token-1", "undefined"]).toContain(server.general()[0]?.headers.authorization)
  })

  it.each([false, true])("REQ-6: headers are taken when fetch is called (fresh token: %s)", async (warm) => {
    const server = await rawApi(refusingFirst(ok))
    const deeply = clientOf(server)
    if (warm) await deeply.token()
    const headers = new Headers({ "x-own": "then" })
    const answer = deeply.fetch("/x", { headers })
    headers.set("x-own", "later")
    await answer
    expect(server.general().map((seen) => seen.headers["x-own"])).toEqual(["then", "then"])
  })

  it("REQ-6: a Request given as the init is read like an init, as with fetch", async () => {
    const server = await playground()
    const init = () => new Request("http://x.test/", { method: "PUT", headers: { "x-own": "1" } })
    const bare = await (await fetch(`${server.url}/echo`, init())).json()
    const own = await (await clientOf(server).fetch(`${server.url}/echo`, init())).json()
    expect(own).toEqual({ ...bare, authorized: true })
  })

  it("REQ-6: headers in an iterator that can be read once are sent, as with fetch", async () => {
    const server = await playground()
    const init = () => ({ headers: new Headers({ "x-own": "1" }).entries() as unknown as HeadersInit })
    const bare = await (await fetch(`${server.url}/echo`, init())).json()
    const own = await (await clientOf(server).fetch(`${server.url}/echo`, init())).json()
    expect(own).toEqual({ ...bare, authorized: true })
  })

  it("REQ-6: a clone of a redirected response is redirected, as with fetch", async () => {
    const server = await playground()
    expect((await fetch(`${server.url}/moved/302`)).clone().redirected).toBe(true)
    expect((await clientOf(server).fetch("/moved/302")).clone().redirected).toBe(true)
  })

  it("KEY-2: a refusal of the key whose body drips for ever is still API_KEY_REJECTED", async () => {
    const server = await fakeServer()
    server.script([{ on: "issue", status: 401, endless: true, chunk: 1, interval: 20 }])
    const deeply = clientOf(server, { issue: { deadline: 1_500 } })
    expect(await rejection(deeply.token())).toMatchObject({ code: "API_KEY_REJECTED" })
  })

  it("REQ-4, SEC-1: the value that INSECURE_ORIGIN prints keeps the host's path, and does not repeat it", () => {
    const host = "http://192.0.2.7:8100/gate"
    expect(() => createDeeply({ apiKey: "dk_9f2c61d0", host })).toThrow(
      /^(?!.*gate).*\{ name: "edge", baseUrl: host, cleartext: true \}/
    )
    const named = { name: "edge", baseUrl: host, cleartext: true }
    expect(createDeeply({ apiKey: "dk_9f2c61d0", host: named }).host.baseUrl).toBe(host)
  })
  it("REQ-5: the key in a query that URLSearchParams wrote is API_KEY_MISUSED", async () => {
    const server = await rawApi(ok)
    const url = new URL("/x", server.url)
    url.searchParams.set("key", server.apiKey)
    expect(await rejection(clientOf(server).fetch(url))).toMatchObject({ code: "API_KEY_MISUSED" })
  })
})
