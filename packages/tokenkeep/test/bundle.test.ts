import { readFileSync } from "node:fs"
import { join } from "node:path"
import { inspect } from "node:util"
import { cloud, createDeeply, edge, FetchTransport, isTokenkeepError, MemoryStorage, tokenkeepErrorOf } from "tokenkeep"
import { describe, expect, it } from "vitest"
import { clientOf, fakeServer, rejectionOf, thrownBy } from "./support/clients.ts"

const root = join(import.meta.dirname, "..")

describe("requests", () => {
  it("reads events with fetch, a page at a time, all pages, and one by its id", async () => {
    const server = await fakeServer({ events: 12 })
    const deeply = clientOf(server)
    const response = await deeply.fetch("/api/v1/events")
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ total_cnt: 12 })
    expect(await deeply.events.list({ page: 2, size: 10 })).toMatchObject({ page: 2, max_page: 2 })
    const ids: Array<string> = []
    for await (const { id } of deeply.events.all({ size: 5 })) ids.push(id)
    expect(new Set(ids).size).toBe(12)
    expect(await deeply.events.get(ids[3]!)).toMatchObject({ id: ids[3] })
    expect((await deeply.mics.list()).results.length).toBeGreaterThan(0)
    expect(server.stats.tokenRequests).toBe(1)
  })

  it("TOK-2: 200 concurrent requests whose token expired succeed after one token request", async () => {
    const server = await fakeServer({ tokenRequestLatency: 20, latency: 2 })
    const deeply = clientOf(server)
    await deeply.token()
    server.expireTokens()
    const responses = await Promise.all(
      Array.from({ length: 200 }, (_, n) => deeply.fetch(`/api/v1/events?page=${n + 1}`))
    )
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]))
    expect(server.stats).toMatchObject({ tokenRequests: 2, replays: server.stats.unauthorized })
  })

  it("OBS-1: reports token events to onTokenEvent", async () => {
    const server = await fakeServer()
    const reported: Array<string> = []
    const deeply = clientOf(server, { onTokenEvent: ({ type }) => reported.push(type) })
    await deeply.token()
    await deeply.reject(deeply.peek()!)
    await deeply.token()
    await deeply.dispose()
    expect(reported).toEqual(["renewal-started", "issued", "rejected", "renewal-started", "issued"])
    expect(deeply.status().state).toBe("disposed")
  })
})

describe("authorization errors", () => {
  it("REQ-1: replaces an expired token, and reports TOKEN_EXPIRED if the new one is refused", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    await deeply.token()
    server.expireTokens()
    expect((await deeply.fetch("/api/v1/events")).status).toBe(200)
    server.script([{ on: "general", times: 2, before: () => server.expireTokens() }])
    const refused = await deeply.fetch("/api/v1/events")
    expect(refused.status).toBe(401)
    expect(await deeply.explain(refused)).toMatchObject({ code: "TOKEN_EXPIRED", retryable: true })
  })

  it("REQ-1: replaces an invalid token, and reports TOKEN_INVALID if the new one is refused", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    await deeply.token()
    server.revokeTokens()
    expect((await deeply.fetch("/api/v1/events")).status).toBe(200)
    server.script([{ on: "general", times: 2, before: () => server.revokeTokens() }])
    const error = await rejectionOf(deeply.events.list())
    expect(error).toMatchObject({ code: "TOKEN_INVALID" })
    expect(isTokenkeepError(error)).toBe(true)
  })

  it("REQ-1: reports TOKEN_MISSING if the token was lost on the way to the server", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    server.script([{ on: "general", dropAuthorization: true }])
    const refused = await deeply.fetch("/api/v1/events")
    expect(refused.status).toBe(403)
    expect(await deeply.explain(refused)).toMatchObject({ code: "TOKEN_MISSING" })
    expect(server.stats.tokenRequests).toBe(1)
  })

  it("KEY-2: does not send a rejected API key again", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server, { apiKey: "dk_not_the_one_2f6c1d" })
    expect(await rejectionOf(deeply.token())).toMatchObject({ code: "API_KEY_REJECTED" })
    expect(await rejectionOf(deeply.token())).toMatchObject({ code: "API_KEY_REJECTED" })
    expect(server.stats.tokenRequests).toBe(1)
  })
})

describe("errors", () => {
  it("link to the section of their code in docs/errors.md of this package", () => {
    const error = thrownBy(() => createDeeply({ host: "not a host" }))
    if (!isTokenkeepError(error)) throw new Error("This is not a TokenkeepError.")
    const [page = "", anchor] = error.docs.split("#")
    expect(page).toBe("tokenkeep/docs/errors.md")
    expect(readFileSync(join(root, page.replace("tokenkeep/", "")), "utf8")).toContain(`id="${anchor}"`)
  })

  it("are found among the causes of an error that wraps them", () => {
    const cause = thrownBy(() => createDeeply({ host: "not a host" }))
    const wrapped = new Error("The report failed.", { cause: new TypeError("fetch failed", { cause }) })
    expect(tokenkeepErrorOf(wrapped)).toBe(cause)
    expect(tokenkeepErrorOf(new Error("other"))).toBeUndefined()
  })

  it.each([
    ["storage", { storage: { layer: "from another package" } }],
    ["storage", { storage: "file" }],
    ["fallbackStorage", { fallbackStorage: {} }],
    ["transport", { transport: globalThis.fetch }],
    ["telemetry", { telemetry: { layer: "from another package" } }]
  ])("CONFIG_INVALID for a %s that this package did not make", (option, options) => {
    expect(thrownBy(() => createDeeply(options as never))).toMatchObject({
      code: "CONFIG_INVALID",
      reason: { _tag: "ConfigInvalid", option }
    })
  })

  it("REQ-4: INSECURE_ORIGIN for http without edge()", () => {
    expect(thrownBy(() => createDeeply({ host: "http://192.0.2.7:8100" }))).toMatchObject({ code: "INSECURE_ORIGIN" })
    expect(edge("192.0.2.7")).toMatchObject({ baseUrl: "http://192.0.2.7:8100", allowInsecureHttp: true })
    expect(cloud.allowInsecureHttp).toBe(false)
  })
})

describe("secrets", () => {
  it("SEC-1: printing a client, token, event or error shows no API key and no token", async () => {
    const server = await fakeServer()
    const printed: Array<string> = []
    const print = (value: unknown) =>
      printed.push(inspect(value, { depth: 9, showHidden: true }), JSON.stringify(value), String(value))
    const deeply = clientOf(server, { onTokenEvent: print, storage: MemoryStorage.layer() })
    const token = await deeply.token()
    await deeply.fetch("/api/v1/events")
    server.revokeKey()
    server.revokeTokens()
    print(await rejectionOf(deeply.fetch("/api/v1/events")))
    for (const value of [deeply, token, deeply.status(), { token }]) print(value)
    const text = printed.join("\n")
    expect(text).toContain(`<redacted:access-token ${token.id}>`)
    expect(text).toContain("API_KEY_REJECTED")
    expect(text).not.toContain(token.reveal())
    expect(text).not.toContain(server.apiKey)
  })
})

describe("the client", () => {
  it("has the methods of the promise API and no other", async () => {
    const server = await fakeServer()
    const names = "baseUrl dispose events explain fetch fetchWith host mics peek reject retryKey status token"
    expect(Object.keys(clientOf(server)).toSorted().join(" ")).toBe(names)
  })

  it("sends with the fetch that is passed to FetchTransport", async () => {
    const server = await fakeServer()
    const seen: Array<string> = []
    const transport = FetchTransport.layer({
      fetch: (input, init) => {
        seen.push(new URL(new Request(input).url).pathname)
        return fetch(input, init)
      }
    })
    expect((await clientOf(server, { transport }).fetch("/api/v1/mics")).status).toBe(200)
    expect(seen).toEqual(["/api/v1/auth/reissue", "/api/v1/mics"])
  })

  it("accepts durations as milliseconds and as strings", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server, {
      maxWait: 500,
      tokenRequest: { deadline: "2 seconds" },
      renewal: { window: "1 minute" }
    })
    expect((await deeply.token()).lifetimeSource).toBe("unknown")
  })
})
