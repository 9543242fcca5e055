import type { TokenkeepError } from "@tokenkeep/deeply"
import { describe, expect, it, vi } from "vitest"
import { clientOf, apis, fakeServer, rejection, sampleKey } from "./support/clients.ts"
import { expired, ok, type RawApi, rawApi, rawServer, rejectingFirst } from "./support/servers.ts"

const seen = (server: RawApi) => server.general().map(({ headers }) => headers.authorization)

const ownForms: ReadonlyArray<[string, (value: string) => RequestInit]> = [
  ["an object", (value) => ({ headers: { authorization: value } })],
  ["an object, capitalised", (value) => ({ headers: { AUTHORIZATION: value } })],
  [
    "pairs",
    (value) => ({
      headers: [
        ["x-own", "1"],
        ["Authorization", value]
      ]
    })
  ],
  ["Headers", (value) => ({ headers: new Headers({ Authorization: value }) })]
]

describe("REQ-5: the caller's own Authorization", () => {
  it.each(ownForms)(
    "REQ-5: %s takes precedence: the request is sent unchanged, without a token request",
    async (_, init) => {
      const server = await rawApi(ok)
      expect((await clientOf(server).fetch("/x", init("Basic b3du"))).status).toBe(200)
      expect(seen(server)).toEqual(["Basic b3du"])
      expect(server.tokenRequests()).toBe(0)
    }
  )

  it("REQ-5: the header of a Request takes precedence too, unless the init has headers", async () => {
    const server = await rawApi(ok)
    const deeply = clientOf(server)
    const request = () => new Request(`${server.url}/x`, { headers: { authorization: "Basic b3du" } })
    await deeply.fetch(request())
    await deeply.fetch(request(), { headers: { authorization: "Basic aW5pdA==" } })
    await deeply.fetch(request(), { headers: { "x-own": "1" } })
    expect(seen(server)).toEqual(["Basic b3du", "Basic aW5pdA==", "Bearer token-1"])
  })

  it.each(apis)("REQ-5: a 401 to it causes neither a renewal nor a replay ($api API)", async ({ send }) => {
    const server = await rawApi((_, response) => expired(response))
    const init = { headers: { authorization: "Bearer own" } }
    const call = send({ apiKey: server.apiKey, host: server.url }, "/x", init)
    const outcome = await call.then(
      ({ status }) => status,
      ({ code }: TokenkeepError) => code
    )
    expect([401, "TOKEN_EXPIRED"]).toContain(outcome)
    expect(seen(server)).toEqual(["Bearer own"])
    expect(server.tokenRequests()).toBe(0)
  })

  it("REQ-5: a 401 to it does not discard the client's token", async () => {
    const server = await rawApi((request, response) =>
      request.headers.authorization === "Bearer own" ? expired(response) : ok(request, response)
    )
    const deeply = clientOf(server)
    const token = await deeply.token()
    expect((await deeply.fetch("/x", { headers: { authorization: "Bearer own" } })).status).toBe(401)
    expect(deeply.peek()).toBe(token)
  })

  it("REQ-5: is not sent to another origin", async () => {
    const server = await rawApi(ok)
    const elsewhere = await rawServer(ok)
    const call = clientOf(server).fetch(`${elsewhere.url}/x`, { headers: { authorization: "Basic b3du" } })
    expect(await rejection(call)).toMatchObject({ code: "ORIGIN_NOT_ALLOWED" })
    expect(elsewhere.connections()).toBe(0)
  })

  it("REQ-5: is not sent with a redirect to another origin", async () => {
    const elsewhere = await rawServer(ok)
    const server = await rawApi((_, response) => response.writeHead(302, { location: elsewhere.url }).end())
    await clientOf(server).fetch("/x", { headers: { authorization: "Basic b3du" } })
    expect(elsewhere.requests[0]?.headers).not.toHaveProperty("authorization")
  })
})

describe('REQ-5: ownAuthorization: "replace"', () => {
  it.each(ownForms)("REQ-5: the token replaces a placeholder in %s, also in the replay", async (_, init) => {
    const server = await rawApi(rejectingFirst(ok))
    const replacing = clientOf(server).fetchWith({ ownAuthorization: "replace" })
    expect((await replacing("/x", init("Bearer placeholder"))).status).toBe(200)
    expect(seen(server)).toEqual(["Bearer token-1", "Bearer token-2"])
  })

  it("REQ-5: the token replaces a placeholder in a Request", async () => {
    const server = await rawApi(ok)
    const replacing = clientOf(server).fetchWith({ ownAuthorization: "replace" })
    await replacing(new Request(`${server.url}/x`, { headers: { authorization: "Bearer placeholder", "x-own": "1" } }))
    expect(server.general()).toMatchObject([{ headers: { authorization: "Bearer token-1", "x-own": "1" } }])
  })

  it("REQ-5: the caller's own header stays with auth: false", async () => {
    const server = await rawApi(ok)
    const deeply = clientOf(server)
    await deeply.fetchWith({ auth: false })("/x", { headers: { authorization: "Basic b3du" } })
    await deeply.fetchWith({ auth: false })("/x")
    expect(seen(server)).toEqual(["Basic b3du", undefined])
    expect(server.tokenRequests()).toBe(0)
  })
})

describe("REQ-5: the API key in a request", () => {
  const encoded = encodeURIComponent(sampleKey)
  const misuses: ReadonlyArray<[string, string, RequestInit]> = [
    ["in Authorization", "/x", { headers: { authorization: `Bearer ${sampleKey}` } }],
    ["in Authorization, as pairs", "/x", { headers: [["Authorization", `bearer   ${sampleKey}`]] }],
    ["in another header", "/x", { headers: new Headers({ "x-api-key": sampleKey }) }],
    ["in a cookie", "/x", { headers: { cookie: `a=1; key=${encoded}` } }],
    ["in the query", `/x?key=${encoded}`, {}],
    ["in the path", `/x/${encoded}`, {}]
  ]

  it.each(misuses.flatMap(([where, path, init]) => apis.map(({ api, send }) => ({ where, path, init, api, send }))))(
    "REQ-5: $where it is CREDENTIAL_MISUSED, even in the first request, and nothing is sent ($api API)",
    async ({ path, init, send }) => {
      const server = await rawApi(ok)
      const error = await rejection(send({ apiKey: server.apiKey, host: server.url }, path, init))
      expect(error).toMatchObject({ name: "TokenkeepError", code: "CREDENTIAL_MISUSED" })
      expect(String(error)).not.toContain(sampleKey)
      expect(server.connections()).toBe(0)
    }
  )

  it("REQ-5: is rejected in every kind of fetch, and in a Request", async () => {
    const server = await rawApi(ok)
    const deeply = clientOf(server)
    const headers = { authorization: `Bearer ${sampleKey}` }
    const calls = [
      deeply.fetch(new Request(`${server.url}/x`, { headers })),
      deeply.fetchWith({ auth: false })("/x", { headers }),
      deeply.fetchWith({ ownAuthorization: "replace" })("/x", { headers })
    ]
    for (const call of calls) expect(await rejection(call)).toMatchObject({ code: "CREDENTIAL_MISUSED" })
    expect(server.connections()).toBe(0)
  })

  it("REQ-5: the key of another client in this process is rejected too", async () => {
    const [server, other] = [await fakeServer(), await fakeServer()]
    const deeply = clientOf(server)
    await clientOf(other).token()
    const call = deeply.fetch("/api/v1/events", { headers: { "x-key": other.apiKey } })
    expect(await rejection(call)).toMatchObject({ code: "CREDENTIAL_MISUSED" })
    expect(server.stats).toMatchObject({ requests: 0, apiKeyLeaks: 0 })
  })

  it("REQ-5: a key from a function is rejected once the client has read it, and so is the next key", async () => {
    const server = await fakeServer()
    let key = server.apiKey
    const deeply = clientOf(server, { apiKey: () => key })
    const first = await deeply.token()
    const misuse = (value: string) => deeply.fetch("/api/v1/events", { headers: { authorization: `Bearer ${value}` } })
    expect(await rejection(misuse(key))).toMatchObject({ code: "CREDENTIAL_MISUSED" })
    const old = key
    key = server.rotateKey()
    await deeply.reject(first)
    await deeply.token()
    for (const each of [old, key]) expect(await rejection(misuse(each))).toMatchObject({ code: "CREDENTIAL_MISUSED" })
    expect(server.stats.apiKeyLeaks).toBe(0)
  })

  it("REQ-5: a key of the environment is rejected after the first token request", async () => {
    const server = await fakeServer()
    vi.stubEnv("DEEPLY_API_KEY", server.apiKey)
    const deeply = clientOf(server, { apiKey: undefined })
    await deeply.fetch("/api/v1/events")
    const call = deeply.fetch("/api/v1/events", { headers: { authorization: `Bearer ${server.apiKey}` } })
    expect(await rejection(call)).toMatchObject({ code: "CREDENTIAL_MISUSED" })
    vi.unstubAllEnvs()
    expect(server.stats.apiKeyLeaks).toBe(0)
  })
})
