import { readFileSync } from "node:fs"
import { join } from "node:path"
import { inspect } from "node:util"
import { cloud, createDeeply, edge, FetchTransport, FileStorage, isAuthError, MemoryStorage } from "tokenkeep"
import { describe, expect, it } from "vitest"
import { clientOf, fakeServer, rejectionOf } from "./support/clients.ts"

const root = join(import.meta.dirname, "..")

describe("the main job, through the bundle", () => {
  it("lists events: with fetch, a page of them, all of them, one of them", async () => {
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
    expect(server.stats.issueCalls).toBe(1)
  })

  it("TOK-2: two hundred requests under way when the token expires cost one issue call, and all succeed", async () => {
    const server = await fakeServer({ issueLatency: 20, latency: 2 })
    const deeply = clientOf(server)
    await deeply.token()
    server.expireTokens()
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => deeply.fetch(`/api/v1/events?page=${n + 1}`))
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(server.stats).toMatchObject({ issueCalls: 2, replays: server.stats.unauthorized })
  })

  it("OBS-1: tells what happened, to a callback and to whoever reads events()", async () => {
    const server = await fakeServer()
    const told: Array<string> = []
    const deeply = clientOf(server, { onEvent: ({ type }) => told.push(type) })
    await deeply.token()
    await deeply.reject(deeply.peek()!)
    await deeply.token()
    await deeply.dispose()
    const read: Array<string> = []
    for await (const { type } of deeply.events()) read.push(type)
    expect(told).toEqual(["renewal-started", "issued", "rejected", "renewal-started", "issued"])
    expect(deeply.status().state).toBe("disposed")
    expect(read).toEqual(told)
  })
})

describe("the three errors of authorization, through the bundle", () => {
  it("REQ-1: an expired token is replaced, and one that is refused again is told as TOKEN_EXPIRED", async () => {
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

  it("REQ-1: an invalid token is replaced, and one that is refused again is told as TOKEN_INVALID", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    await deeply.token()
    server.revokeTokens()
    expect((await deeply.fetch("/api/v1/events")).status).toBe(200)
    server.script([{ on: "general", times: 2, before: () => server.revokeTokens() }])
    const error = await rejectionOf(deeply.events.list())
    expect(error).toMatchObject({ code: "TOKEN_INVALID" })
    expect(isAuthError(error)).toBe(true)
  })

  it("REQ-1: a request whose token something on the way dropped is told as TOKEN_MISSING", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    server.script([{ on: "general", dropAuthorization: true }])
    const refused = await deeply.fetch("/api/v1/events")
    expect(refused.status).toBe(403)
    expect(await deeply.explain(refused)).toMatchObject({ code: "TOKEN_MISSING" })
    expect(server.stats.issueCalls).toBe(1)
  })

  it("KEY-2: a refused key is remembered", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server, { apiKey: "dk_not_the_one_2f6c1d" })
    expect(await rejectionOf(deeply.token())).toMatchObject({ code: "API_KEY_REJECTED" })
    expect(await rejectionOf(deeply.token())).toMatchObject({ code: "API_KEY_REJECTED" })
    expect(server.stats.issueCalls).toBe(1)
  })
})

describe("its errors", () => {
  const thrownBy = (does: () => unknown): unknown => {
    try {
      return does()
    } catch (error) {
      return error
    }
  }

  it("point at the page in this package, and at the code in it", () => {
    const error = thrownBy(() => createDeeply({ host: "not a host" }))
    if (!isAuthError(error)) throw new Error("not an AuthError")
    const [page = "", anchor] = error.docs.split("#")
    expect(page).toBe("tokenkeep/docs/errors.md")
    expect(readFileSync(join(root, page.replace("tokenkeep/", "")), "utf8")).toContain(`id="${anchor}"`)
  })

  it.each([
    ["storage", { storage: { layer: "of somebody else" } }],
    ["storage", { storage: "file" }],
    ["fallbackStorage", { fallbackStorage: {} }],
    ["transport", { transport: globalThis.fetch }]
  ])("refuse what this package did not make: %s", (option, options) => {
    expect(thrownBy(() => createDeeply(options as never))).toMatchObject({
      code: "CONFIG_INVALID",
      reason: { _tag: "ConfigInvalid", option }
    })
  })

  it("refuse a directory that is relative when the storage is made", () => {
    for (const directory of ["tokens", "./tokens", "", 7 as never]) {
      expect(thrownBy(() => FileStorage.layer({ directory }))).toMatchObject({ reason: { option: "directory" } })
    }
  })

  it("REQ-4: refuse plain http that was not named", () => {
    expect(thrownBy(() => createDeeply({ host: "http://192.0.2.7:8100" }))).toMatchObject({ code: "INSECURE_ORIGIN" })
    expect(edge("192.0.2.7")).toMatchObject({ baseUrl: "http://192.0.2.7:8100", cleartext: true })
    expect(cloud.cleartext).toBe(false)
  })
})

describe("secrets", () => {
  it("SEC-1: no print of the client, a token, an event or an error shows the key or a token", async () => {
    const server = await fakeServer()
    const printed: Array<string> = []
    const print = (value: unknown) =>
      printed.push(inspect(value, { depth: 9, showHidden: true }), JSON.stringify(value), String(value))
    const deeply = clientOf(server, { onEvent: print, storage: MemoryStorage.layer() })
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

describe("its parts", () => {
  it("has the names of the promise door, and nothing that runs effects", async () => {
    const server = await fakeServer()
    const names = "baseUrl dispose events explain fetch fetchWith host mics peek reject retryKey status token"
    expect(Object.keys(clientOf(server)).toSorted().join(" ")).toBe(names)
  })

  it("sends with a fetch that it is given", async () => {
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

  it("takes times as milliseconds and as texts", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server, {
      patience: 500,
      issue: { deadline: "2 seconds" },
      renewal: { window: "1 minute" }
    })
    expect((await deeply.token()).lifetimeSource).toBe("unknown")
  })
})
