import { createDeeply, Deeply } from "@tokenkeep/deeply"
import { type StoredText, TokenManager, TokenStorage } from "@tokenkeep/core"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { describe, expect, it } from "vitest"
import { clientOf, fakeServer, throughLayer } from "./support/clients.ts"

const events = "/api/v1/events?size=1"

describe("KEY-1: the API key is confined", () => {
  it("KEY-1: reaches the reissue endpoint and no other, whatever happens to the token", async () => {
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
    const { log, apiKeyLeaks, tokenAtIssue } = server.stats
    expect([apiKeyLeaks, tokenAtIssue]).toEqual([0, 0])
    const carriers = log.filter(({ authorization }) => authorization === "api-key").map(({ path }) => path)
    expect(carriers).toEqual(Array(3).fill("/api/v1/auth/reissue"))
    expect(new Set(log.map(({ authorization }) => authorization))).toEqual(new Set(["api-key", "access-token"]))
    expect(elsewhere.stats.log.map(({ authorization }) => authorization)).toEqual(["none"])
  })
})

describe("TOK-1: a fresh token costs nothing", () => {
  it("TOK-1: a hundred requests on a fresh token need one issue call", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    for (let request = 0; request < 100; request += 1) expect((await deeply.fetch(events)).status).toBe(200)
    expect(server.stats).toMatchObject({ issueCalls: 1, requests: 100, unauthorized: 0 })
  })

  it("TOK-1: a hundred requests of the Effect door on a fresh token need one issue call", async () => {
    const server = await fakeServer()
    const program = (deeply: Deeply["Service"]) =>
      Effect.forEach(Array(100), () => Effect.map(deeply.request(events), ({ status }) => status))
    const statuses = await throughLayer({ apiKey: server.apiKey, host: server.host }, program)
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(server.stats).toMatchObject({ issueCalls: 1, requests: 100 })
  })

  it("TOK-1: peek() answers at once, and token() answers one and the same promise, on a hit", async () => {
    const server = await fakeServer()
    const deeply = clientOf(server)
    expect(deeply.peek()).toBeUndefined()
    const token = await deeply.token()
    expect(deeply.peek()).toBe(token)
    expect(deeply.token()).toBe(deeply.token())
    expect(await deeply.token()).toBe(token)
    expect(deeply.status()).toMatchObject({ state: "fresh", token: { id: token.id } })
    expect(server.stats.issueCalls).toBe(1)
  })
})

describe("TOK-1: a hit and the storage", () => {
  it("TOK-1: the storage is read once and written once, however many requests follow", async () => {
    const server = await fakeServer()
    const used: Array<string> = []
    const storage = Layer.effect(
      TokenStorage,
      Effect.map(TokenStorage, ({ capabilities, load, save, remove }) => ({
        capabilities,
        load: (name: string) => Effect.tap(load(name), () => Effect.sync(() => used.push("load"))),
        save: (name: string, stored: StoredText) =>
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

describe("TOK-2: one issue call per expiry, per client", () => {
  it("TOK-2: a thousand concurrent callers on a cold start share one issue call", async () => {
    const server = await fakeServer({ issueLatency: 20 })
    const deeply = clientOf(server)
    const tokens = await Promise.all(Array.from({ length: 1_000 }, () => deeply.token()))
    expect(new Set(tokens).size).toBe(1)
    expect(server.stats.issueCalls).toBe(1)
  })

  it("TOK-2: a thousand concurrent fibers on a cold start share one issue call", async () => {
    const server = await fakeServer({ issueLatency: 20 })
    const program = TokenManager.use(({ get }) =>
      Effect.all(
        Array.from({ length: 1_000 }, () => get),
        { concurrency: "unbounded" }
      )
    )
    const layer = Deeply.layerDefault({ apiKey: server.apiKey, host: server.host })
    const tokens = await Effect.runPromise(Effect.provide(program, layer))
    expect(new Set(tokens).size).toBe(1)
    expect(server.stats.issueCalls).toBe(1)
  })

  it("TOK-2: a hundred concurrent fetches on a cold start, and again after an expiry, cost one issue call each", async () => {
    const server = await fakeServer({ issueLatency: 20 })
    const deeply = clientOf(server)
    const burst = () => Promise.all(Array.from({ length: 100 }, () => deeply.fetch(events)))
    expect(new Set((await burst()).map(({ status }) => status))).toEqual(new Set([200]))
    expect(server.stats.issueCalls).toBe(1)
    server.expireTokens()
    expect(new Set((await burst()).map(({ status }) => status))).toEqual(new Set([200]))
    expect(server.stats.issueCalls).toBe(2)
  })

  it("TOK-2: clients given the same storage layer share the token, and clients of their own do not", async () => {
    const server = await fakeServer()
    const storage = MemoryStorage.layer()
    const first = clientOf(server, { storage })
    const second = clientOf(server, { storage })
    const stranger = clientOf(server)
    const token = await first.token()
    expect((await second.token()).id).toBe(token.id)
    expect((await second.token()).reveal()).toBe(token.reveal())
    expect(server.stats.issueCalls).toBe(1)
    expect((await stranger.token()).id).not.toBe(token.id)
    expect(server.stats.issueCalls).toBe(2)
  })

  it("TOK-2: a shared storage lives until the last client that uses it is disposed", async () => {
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
    expect((await fourth.token()).id).not.toBe(token.id)
    expect(server.stats.issueCalls).toBe(2)
  })

  it("KEY-4: two keys, or two hosts, on one storage never see each other's token", async () => {
    const server = await fakeServer()
    const other = await fakeServer({ apiKey: server.apiKey })
    const storage = MemoryStorage.layer()
    const first = await clientOf(server, { storage }).token()
    const elsewhere = await clientOf(other, { storage }).token()
    const rotated = server.rotateKey()
    const renewed = await clientOf(server, { storage, apiKey: rotated }).token()
    expect(new Set([first.id, elsewhere.id, renewed.id]).size).toBe(3)
    expect([server.stats.issueCalls, other.stats.issueCalls]).toEqual([2, 1])
  })
})

describe("TOK-4: rejections are compared, not believed", () => {
  const inFlight = 50

  it.each([
    ["tokens live side by side", false],
    ["each issue voids the token before it", true]
  ])(
    "TOK-4: fifty requests in flight over an expiry cost one issue call and one replay each, where %s",
    async (_, voidPrevious) => {
      const server = await fakeServer({ latency: 5, voidPrevious })
      const deeply = clientOf(server)
      await deeply.token()
      // Each is held up on its way in for longer than the one before: most arrive after the expiry, some after the renewal.
      server.script(Array.from({ length: inFlight }, (__, index) => ({ on: "general", delay: index * 3 }) as const))
      const answers = Array.from({ length: inFlight }, (__, index) => deeply.fetch(`${events}&n=${index}`))
      await answers[5]
      server.expireTokens()
      const statuses = (await Promise.all(answers)).map(({ status }) => status)
      expect(statuses).toEqual(Array(inFlight).fill(200))
      const { issueCalls, unauthorized, replays, requests, log } = server.stats
      expect(issueCalls).toBe(2)
      expect(unauthorized).toBeGreaterThan(inFlight / 2)
      expect(replays).toBe(unauthorized)
      expect(requests).toBe(inFlight + unauthorized)
      const sends = Object.values(
        Object.groupBy(
          log.filter(({ path }) => path.startsWith(events)),
          ({ path }) => path
        )
      )
      expect(Math.max(...sends.map((of) => of?.length ?? 0))).toBe(2)
    }
  )

  it("TOK-4: reject() of an older token, or of an older id, changes nothing", async () => {
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
    expect(server.stats.issueCalls).toBe(2)
  })

  it("TOK-4: a token that one client rejected is not taken back from the storage they share", async () => {
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
    expect(server.stats.issueCalls).toBe(2)
  })
})
