import { createDeeply, Deeply } from "@tokenkeep/deeply"
import { type StoredRecord, TokenManager, TokenStorage } from "@tokenkeep/core"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { describe, expect, it } from "vitest"
import { clientOf, eventually, fakeServer, throughLayer } from "./support/clients.ts"

const events = "/api/v1/events?size=1"

describe("KEY-1: the API key is sent only with token requests", () => {
  it("KEY-1: reaches only the reissue endpoint, also after expiry, revocation and redirects", async () => {
    const elsewhere = await fakeServer()
    const server = await fakeServer()
    const deeply = clientOf(server)
    await deeply.fetch(events)
    server.expireTokens()
    await deeply.fetch(events, { method: "POST", body: "text" })
    server.revokeTokens()
    await deeply.fetch("/api/v1/mics", { method: "DELETE" })
    server.script([
      { on: "general", redirect: "/api/v1/mics?size=1" },
      { on: "/api/v1/mics", redirect: `${elsewhere.url}/api/v1/events` }
    ])
    expect((await deeply.fetch(events)).url).toBe(`${elsewhere.url}/api/v1/events`)
    const { log, apiKeyLeaks, tokenRequestsWithAccessToken } = server.stats
    expect([apiKeyLeaks, tokenRequestsWithAccessToken]).toEqual([0, 0])
    const carriers = log.filter(({ authorization }) => authorization === "api-key").map(({ path }) => path)
    expect(carriers).toEqual(Array(3).fill("/api/v1/auth/reissue"))
    expect(new Set(log.map(({ authorization }) => authorization))).toEqual(new Set(["api-key", "access-token"]))
    expect(elsewhere.stats.log.map(({ authorization }) => authorization)).toEqual(["none"])
  })
})

describe("TOK-1: a valid token is cached", () => {
  it("TOK-1: a hundred requests need one token request", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    for (let request = 0; request < 100; request += 1) expect((await deeply.fetch(events)).status).toBe(200)
    expect(server.stats).toMatchObject({ tokenRequests: 1, requests: 100, unauthorized: 0 })
  })

  it("TOK-1: a hundred requests of the Effect API need one token request", async () => {
    const server = await fakeServer()
    const program = (deeply: Deeply["Service"]) =>
      Effect.forEach(Array(100), () => Effect.map(deeply.request(events), ({ status }) => status))
    const statuses = await throughLayer({ apiKey: server.apiKey, host: server.host }, program)
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(server.stats).toMatchObject({ tokenRequests: 1, requests: 100 })
  })

  it("TOK-1: peek() returns the cached token, and token() always the same promise for it", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    expect(deeply.peek()).toBeUndefined()
    const token = await deeply.token()
    expect(deeply.peek()).toBe(token)
    expect(deeply.token()).toBe(deeply.token())
    expect(await deeply.token()).toBe(token)
    expect(deeply.status()).toMatchObject({ state: "fresh", token: { id: token.id } })
    expect(server.stats.tokenRequests).toBe(1)
  })
})

describe("TOK-1: a cached token and the storage", () => {
  it("TOK-1: the storage is read once and written once for any number of requests", async () => {
    const server = await fakeServer()
    const used: Array<string> = []
    const storage = Layer.effect(
      TokenStorage,
      Effect.map(TokenStorage, ({ capabilities, load, save, remove }) => ({
        capabilities,
        load: (name: string) => Effect.tap(load(name), () => Effect.sync(() => used.push("load"))),
        save: (name: string, stored: StoredRecord) =>
          Effect.tap(save(name, stored), () => Effect.sync(() => used.push("save"))),
        remove
      }))
    ).pipe(Layer.provide(MemoryStorage.layer()))
    const deeply = clientOf(server, { storage })
    for (let request = 0; request < 10; request += 1) await deeply.fetch(events)
    await deeply.token()
    expect(used).toEqual(["load", "save"])
  })
})

describe("TOK-2: one token request per renewal", () => {
  it("TOK-2: a thousand concurrent callers of a new client share one token request", async () => {
    const server = await fakeServer({ tokenRequestLatency: 20 })
    const deeply = clientOf(server)
    const tokens = await Promise.all(Array.from({ length: 1_000 }, () => deeply.token()))
    expect(new Set(tokens).size).toBe(1)
    expect(server.stats.tokenRequests).toBe(1)
  })

  it("TOK-2: a thousand concurrent fibers of a new layer share one token request", async () => {
    const server = await fakeServer({ tokenRequestLatency: 20 })
    const program = TokenManager.use(({ get }) =>
      Effect.all(
        Array.from({ length: 1_000 }, () => get),
        { concurrency: "unbounded" }
      )
    )
    const layer = Deeply.layerDefault({ apiKey: server.apiKey, host: server.host })
    const tokens = await Effect.runPromise(Effect.provide(program, layer))
    expect(new Set(tokens).size).toBe(1)
    expect(server.stats.tokenRequests).toBe(1)
  })

  it("TOK-2: a hundred concurrent fetches need one token request at first, and one after the token expired", async () => {
    const server = await fakeServer({ tokenRequestLatency: 20 })
    const deeply = clientOf(server)
    const burst = () => Promise.all(Array.from({ length: 100 }, () => deeply.fetch(events)))
    expect(new Set((await burst()).map(({ status }) => status))).toEqual(new Set([200]))
    expect(server.stats.tokenRequests).toBe(1)
    server.expireTokens()
    expect(new Set((await burst()).map(({ status }) => status))).toEqual(new Set([200]))
    expect(server.stats.tokenRequests).toBe(2)
  })

  it("TOK-2: clients with the same storage layer share the token, and other clients do not", async () => {
    const server = await fakeServer()
    const storage = MemoryStorage.layer()
    const first = clientOf(server, { storage })
    const second = clientOf(server, { storage })
    const stranger = clientOf(server)
    const token = await first.token()
    expect((await second.token()).id).toBe(token.id)
    expect((await second.token()).reveal()).toBe(token.reveal())
    expect(server.stats.tokenRequests).toBe(1)
    expect((await stranger.token()).id).not.toBe(token.id)
    expect(server.stats.tokenRequests).toBe(2)
  })

  it("TOK-2: a shared memory storage outlives the clients that use it", async () => {
    const server = await fakeServer()
    const options = { apiKey: server.apiKey, host: server.host, storage: MemoryStorage.layer() }
    const first = createDeeply(options)
    const second = createDeeply(options)
    const token = await first.token()
    await second.token()
    await first.dispose()
    const third = createDeeply(options)
    expect((await third.token()).id).toBe(token.id)
    await Promise.all([second.dispose(), third.dispose()])
    await using fourth = createDeeply(options)
    expect((await fourth.token()).id).toBe(token.id)
    expect(server.stats.tokenRequests).toBe(1)
  })

  it("KEY-4: clients with another key or host never get the token from a shared storage", async () => {
    const server = await fakeServer()
    const other = await fakeServer({ apiKey: server.apiKey })
    const storage = MemoryStorage.layer()
    const first = await clientOf(server, { storage }).token()
    const elsewhere = await clientOf(other, { storage }).token()
    const rotated = server.rotateKey()
    const renewed = await clientOf(server, { storage, apiKey: rotated }).token()
    expect(new Set([first.id, elsewhere.id, renewed.id]).size).toBe(3)
    expect([server.stats.tokenRequests, other.stats.tokenRequests]).toEqual([2, 1])
  })
})

describe("TOK-4: only a rejection of the current token counts", () => {
  it.each([
    ["tokens live side by side", false],
    ["each token replaces the one before", true]
  ])(
    "TOK-4: fifty pending requests whose token expires need one token request and one replay each, if %s",
    async (_, voidPrevious) => {
      const server = await fakeServer({ voidPrevious })
      const deeply = clientOf(server)
      await deeply.token()
      const [expired, renewed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const gates = [
        ...Array(6).fill(undefined),
        ...Array(34).fill(expired.promise),
        ...Array(10).fill(renewed.promise)
      ]
      server.script(gates.map((gate) => ({ on: "general", before: () => gate }) as const))
      const calls = gates.map((_gate, index) => deeply.fetch(`${events}&n=${index}`))
      await eventually(() => server.stats.requests).toBe(gates.length)
      await eventually(() => server.stats.byStatus[200]).toBe(1 + 6)
      server.expireTokens()
      expired.resolve()
      await eventually(() => server.stats.issued).toBe(2)
      renewed.resolve()
      const statuses = (await Promise.all(calls)).map(({ status }) => status)
      expect(statuses).toEqual(gates.map(() => 200))
      const { log, ...stats } = server.stats
      expect(stats).toMatchObject({ tokenRequests: 2, unauthorized: 44, replays: 44, requests: gates.length + 44 })
      const sends = Object.values(
        Object.groupBy(
          log.filter(({ path }) => path.startsWith(events)),
          ({ path }) => path
        )
      )
      expect(Math.max(...sends.map((of) => of?.length ?? 0))).toBe(2)
    }
  )

  it("TOK-4: reject() of an older token or token id has no effect", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    const old = await deeply.token()
    await deeply.reject(old)
    expect(deeply.peek()).toBeUndefined()
    const current = await deeply.token()
    await deeply.reject(old)
    await deeply.reject(old.id)
    await deeply.reject(old.reveal())
    expect(deeply.peek()).toBe(current)
    await deeply.reject(current.id)
    expect(deeply.peek()).toBeUndefined()
    expect(server.stats.tokenRequests).toBe(2)
  })

  it("TOK-4: a client does not load a token again that it rejected", async () => {
    const server = await fakeServer()
    const storage = MemoryStorage.layer()
    const first = clientOf(server, { storage })
    const second = clientOf(server, { storage })
    const token = await first.token()
    await second.token()
    await first.reject(token)
    const renewed = await first.token()
    expect(renewed.id).not.toBe(token.id)
    await second.reject(token)
    expect((await second.token()).id).toBe(renewed.id)
    expect(server.stats.tokenRequests).toBe(2)
  })
})
