import {
  createDeeplyPool,
  type CreateDeeplyPoolOptions,
  type DeeplyClient,
  DeeplyPool,
  isTokenkeepError
} from "@tokenkeep/deeply"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { TokenManager } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { describe, expect, it, onTestFinished } from "vitest"
import { fakeServer } from "./support/clients.ts"

const codeOf = (result: unknown): Promise<unknown> =>
  Promise.resolve(result).then(
    () => "fulfilled",
    (error: unknown) => (isTokenkeepError(error) ? error.code : error)
  )

/** The code that a function throws. */
const thrown = (call: () => unknown): unknown => {
  try {
    call()
    return "returned"
  } catch (error) {
    return isTokenkeepError(error) ? error.code : error
  }
}

/** A server with a key for each of the ids `0`, `1`, …: the transport replaces them by the one that the server knows. */
const serverWithKeys = async (count: number) => {
  const server = await fakeServer()
  const keys = Array.from({ length: count }, (_, index) => `dk_${index}_9f2c61d04b7e83a5`)
  const transport = FetchTransport.layer({
    fetch: (input, init) => {
      const headers = new Headers(init?.headers)
      const key = headers.get("authorization")?.slice("Bearer ".length) ?? ""
      if (keys.includes(key)) headers.set("authorization", `Bearer ${server.apiKey}`)
      return fetch(input, { ...init, headers })
    }
  })
  const options = { apiKey: async (id: string) => keys[Number(id)], host: server.url, transport }
  return { server, keys, options, ids: keys.map((_, index) => `${index}`) }
}

const poolOf = (options: CreateDeeplyPoolOptions) => {
  const pool = createDeeplyPool(options)
  onTestFinished(() => pool.dispose())
  return pool
}

const firstEvent = async ({ events }: DeeplyClient) => (await events.list({ size: 1 })).results[0]?.id

describe("POOL-1: a pool of the promise API", () => {
  it("has a client for each id, whose functions work detached, and which is opened again when it is used", async () => {
    const { ids, options, server } = await serverWithKeys(6)
    const pool = poolOf({ ...options, maxOpen: 2 })
    const clients = ids.map((id) => pool.client(id))
    for (let round = 0; round < 3; round += 1) {
      for (const client of clients) {
        const { fetch, token } = client
        expect((await fetch("/api/v1/mics")).status).toBe(200)
        expect((await token()).id).toBe((await client.token()).id)
        expect(await firstEvent(client)).toBe("event-1")
        expect(pool.size).toBeLessThanOrEqual(2)
      }
    }
    expect(server.stats.tokenRequests).toBe(6)
    expect(clients[0]?.host.baseUrl).toBe(server.url)
    expect(clients[0]?.baseUrl).toBe(`${server.url}/`)
  })

  it("iterates over all items of a client that is closed meanwhile", async () => {
    const { options } = await serverWithKeys(2)
    const pool = poolOf({ ...options, maxOpen: 1 })
    let count = 0
    for await (const { id } of pool.client("0").events.all({ size: 10 })) {
      expect(id).toMatch(/^event-/)
      if (count++ % 10 === 0) await pool.client("1").token()
    }
    expect(count).toBe(100)
  })

  it("renews after a 401, learns the rejection of a token by its id, and explains responses", async () => {
    const { options, server } = await serverWithKeys(1)
    const client = poolOf(options).client("0")
    const before = await client.token()
    expect(client.peek()?.id).toBe(before.id)
    expect(client.status()).toMatchObject({ state: "fresh", token: { id: before.id } })
    server.revokeTokens()
    expect((await client.fetch("/api/v1/mics")).status).toBe(200)
    const renewed = await client.token()
    expect(renewed.id).not.toBe(before.id)
    await client.reject(renewed.id)
    expect(client.peek()).toBeUndefined()
    const forbidden = await client.fetchWith({ auth: false })("/api/v1/mics")
    expect(forbidden.status).toBe(403)
    expect((await client.explain(forbidden))?.code).toBe("TOKEN_MISSING")
  })

  it("ends with dispose: its clients, those that wait, and client() itself", async () => {
    const { options, server } = await serverWithKeys(2)
    server.script([{ on: "token-request", delay: 60_000 }] as never)
    const pool = createDeeplyPool(options)
    const used = pool.client("1")
    const waiting = codeOf(pool.client("0").fetch("/api/v1/mics"))
    await Promise.all([pool.dispose(), pool.dispose()])
    expect(await waiting).toBe("DISPOSED")
    expect(thrown(() => pool.client("1"))).toBe("DISPOSED")
    expect(await codeOf(used.fetch("/api/v1/mics"))).toBe("DISPOSED")
    expect(await codeOf(used.token())).toBe("DISPOSED")
    expect(await codeOf(used.events.list())).toBe("DISPOSED")
    expect(used.peek()).toBeUndefined()
    expect(used.status().state).toBe("disposed")
  })

  it("a client that is disposed ends alone", async () => {
    const { options } = await serverWithKeys(1)
    const pool = poolOf(options)
    const other = pool.client("0")
    {
      await using one = pool.client("0")
      await one.token()
      await one.dispose()
      expect(await codeOf(one.token())).toBe("DISPOSED")
      expect(await codeOf(one.fetch("/api/v1/mics"))).toBe("DISPOSED")
      expect(one.status().state).toBe("disposed")
    }
    expect((await other.fetch("/api/v1/mics")).status).toBe(200)
  })

  it("an abort ends one call, with its reason", async () => {
    const { options } = await serverWithKeys(1)
    const client = poolOf(options).client("0")
    const reason = new Error("no longer needed")
    expect(await codeOf(client.token({ signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(await codeOf(client.run(Effect.never, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(await codeOf(client.fetch("/api/v1/mics", { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect((await client.fetch("/api/v1/mics")).status).toBe(200)
  })

  it.each([
    ["", "CONFIG_INVALID"],
    ["x".repeat(257), "CONFIG_INVALID"],
    [undefined as never, "CONFIG_INVALID"]
  ])("refuses an id at once", async (id, code) => {
    expect(thrown(() => poolOf({ apiKey: (given) => given }).client(id))).toBe(code)
  })

  it.each([
    undefined,
    {},
    { apiKey: "sk-live-2f6c1d" },
    { apiKey: [() => "sk-live-2f6c1d", "sk-live-9b0e44"] },
    { apiKey: () => "sk-live-2f6c1d", maxOpen: 1.5 },
    { apiKey: () => "sk-live-2f6c1d", maxopen: 15 }
  ])("refuses wrong options: %o", (options) => {
    expect(thrown(() => createDeeplyPool(options as never))).toBe("CONFIG_INVALID")
  })
})

describe("POOL-4: one customer's dead key", () => {
  it("starves no other, and stays in its cool-down while other clients are used", async () => {
    const { ids, options, server } = await serverWithKeys(8)
    const pool = poolOf({ ...options, apiKey: (id) => (id === "0" ? "dk-dead" : options.apiKey(id)), maxOpen: 2 })
    for (const id of ids.slice(1)) {
      expect(await codeOf(pool.client("0").fetch("/api/v1/mics"))).toBe("API_KEY_REJECTED")
      expect((await pool.client(id).fetch("/api/v1/mics")).status).toBe(200)
    }
    expect(server.stats.tokenRequests).toBe(8)
  })

  it("is named in the event and the error, so that an alert says which customer needs a new key", async () => {
    const { ids, options, server } = await serverWithKeys(2)
    const rejected: Array<string> = []
    const onTokenEvent: CreateDeeplyPoolOptions["onTokenEvent"] = (event) => {
      if (event.type === "key-rejected") rejected.push(event.key)
    }
    const pool = poolOf({ ...options, onTokenEvent })
    server.revokeKey()
    const error = await pool
      .client(ids[1]!)
      .token()
      .catch((thrownError: unknown) => thrownError)
    expect(isTokenkeepError(error) && error.message).toContain("the API key (1)")
    expect(rejected).toEqual(["1"])
  })

  it("OBS-1: and every event has the id of its client, also those of the typed client", async () => {
    const { ids, options, server } = await serverWithKeys(2)
    const seen: Array<string> = []
    const pool = poolOf({
      ...options,
      maxOpen: 1,
      maxWait: 60_000,
      onTokenEvent: (event, id) => void seen.push(`${id} ${event.type}`)
    })
    for (const id of ids) {
      server.script([{ on: "general", status: 429, headers: { "retry-after": "0.1" } }])
      await pool.client(id).events.list()
    }
    expect(seen).toEqual(ids.flatMap((id) => [`${id} renewal-started`, `${id} issued`, `${id} rate-limit-waiting`]))
  })

  it("KEY-1: and no client sends another one's key", async () => {
    const { keys, options } = await serverWithKeys(2)
    const pool = poolOf(options)
    await pool.client("1").token()
    const headers = { "x-key": keys[1] ?? "" }
    expect(await codeOf(pool.client("0").fetch("/api/v1/mics", { headers }))).toBe("CREDENTIAL_MISUSED")
  })
})

describe("POOL-3: two keys that overlap", () => {
  it("are both functions of the id", async () => {
    const { options, server } = await serverWithKeys(2)
    const pool = poolOf({ ...options, apiKey: [() => "dk-old", options.apiKey] })
    expect((await pool.client("1").fetch("/api/v1/mics")).status).toBe(200)
    expect(server.stats.tokenRequests).toBe(2)
  })
})

describe("POOL-1: a pool of the Effect API", () => {
  const run = <A, E>(
    { transport = FetchTransport.layer(), ...options }: CreateDeeplyPoolOptions,
    program: Effect.Effect<A, E, DeeplyPool>
  ) =>
    Effect.runPromise(
      Effect.provide(program, DeeplyPool.layer(options).pipe(Layer.provide([transport, MemoryStorage.layer()])))
    )

  it("has the same clients, and provides the services of each", async () => {
    const { ids, options, server } = await serverWithKeys(4)
    const program = Effect.gen(function* () {
      const pool = yield* DeeplyPool
      const clients = ids.map((id) => pool.client(id))
      const tokens: Array<string> = []
      for (const [index, client] of clients.entries()) {
        expect((yield* client.events.list({ size: 3 })).results).toHaveLength(3)
        expect((yield* client.mics.get("mic-1")).id).toBe("mic-1")
        expect(yield* Stream.runCount(client.events.all({ size: 50 }))).toBe(100)
        expect((yield* client.request("/api/v1/mics")).status).toBe(200)
        expect((yield* Effect.promise(() => client.fetch("/api/v1/mics"))).status).toBe(200)
        tokens.push((yield* TokenManager.use(({ get }) => get).pipe(pool.provide(`${index}`))).id)
      }
      expect(new Set(tokens).size).toBe(4)
      expect(pool.size()).toBe(1)
    })
    await run({ ...options, apiKey: (id: string) => Effect.promise(() => options.apiKey(id)), maxOpen: 1 }, program)
    expect(server.stats.tokenRequests).toBe(4)
  })

  it("fails with typed errors", async () => {
    const { options } = await serverWithKeys(1)
    const codes = Effect.gen(function* () {
      const pool = yield* DeeplyPool
      const errors = [
        yield* Effect.flip(pool.client("").request("/api/v1/mics")),
        yield* Effect.flip(pool.client("7").events.list()),
        yield* Effect.flip(Stream.runDrain(pool.client("7").events.all()))
      ]
      return errors.map(({ code }) => code)
    })
    expect(await run(options, codes)).toEqual(["CONFIG_INVALID", "API_KEY_MISSING", "API_KEY_MISSING"])
    expect(await codeOf(run({ ...options, maxOpen: -1 }, codes))).toBe("CONFIG_INVALID")
  })
})
