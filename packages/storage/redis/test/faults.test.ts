import { createDeeply } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { RedisStorage } from "@tokenkeep/storage-redis"
import * as Effect from "effect/Effect"
import { Redis } from "ioredis"
import { createClient } from "redis"
import {
  freePort,
  type RedisCluster,
  type RedisSentinel,
  type RedisServer,
  startProxy,
  startServer,
  until
} from "redis-servers"
import { describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { clusterClients, sentinelClients, singleClients } from "./support/clients.ts"
import { failureOf, open, untilUsable } from "./support/open.ts"

const refused = /ECONNREFUSED|ECONNRESET|EPIPE|lost|closed|no response/i

describe.skipIf(noRedis).concurrent.each(singleClients)("through $title", ({ layer }) => {
  it("STO-2: operations fail while the server is down, and succeed once it is up", async () => {
    await using server = await startServer()
    await server.kill()
    await using storage = await open(layer(server))
    storage.useShortTimeout()
    expect(await failureOf(storage.load("a"))).toMatch(refused)
    expect(await failureOf(storage.save("a", "text"))).toMatch(refused)
    expect(await failureOf(storage.remove("a"))).toMatch(refused)
    expect(await failureOf(storage.acquireLease("a", "owner"))).toMatch(refused)
    expect(await failureOf(storage.watch("a"))).toMatch(refused)
    await server.restart()
    await untilUsable(storage)
    expect(await storage.save("a", "text")).toBe(true)
    expect(await storage.load("a")).toBe("text")
  })

  it("STO-2: a server that is killed and restarts without its data is an empty storage", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await storage.save("a", "text")
    const before = await storage.acquireLease("a", "owner")
    const inFlight = Array.from({ length: 20 }, () => failureOf(storage.load("a")))
    await server.kill()
    for (const failure of await Promise.all(inFlight)) expect(failure ?? "lost").toMatch(refused)
    expect(await failureOf(storage.load("a"))).toMatch(refused)
    await server.restart()
    await untilUsable(storage)
    expect(await storage.load("a")).toBeUndefined()
    // The owner before may not know that its lease is lost. Its fence is lower than the fence of the next owner.
    const after = await storage.acquireLease("a", "other")
    expect(after).toMatchObject({ _tag: "Lease" })
    expect(after.fence).toBeGreaterThan(before.fence)
    expect(await storage.save("a", "late", before.fence)).toBe(false)
  })

  it("STO-2: a server that restarts with its data has its records, leases and fences", async () => {
    await using server = await startServer({ config: { appendonly: "yes", appendfsync: "always" } })
    await using storage = await open(layer(server))
    const lease = await storage.acquireLease("a", "owner")
    await storage.save("a", "text", lease.fence)
    await server.kill()
    await server.restart()
    await untilUsable(storage)
    expect(await storage.load("a")).toBe("text")
    expect(await storage.acquireLease("a", "other")).toMatchObject({
      _tag: "LeaseTaken",
      owner: "owner",
      fence: lease.fence
    })
    expect(await storage.save("a", "older", lease.fence - 1)).toBe(false)
  })

  it("STO-2: operations time out while the server is stopped, and succeed once it continues", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await storage.save("a", "text")
    const next = await storage.watch("a")
    server.signal("SIGSTOP")
    storage.useShortTimeout()
    expect(await failureOf(storage.load("a"))).toBe("no response")
    expect(await failureOf(storage.save("a", "newer", 2))).toBe("no response")
    server.signal("SIGCONT")
    await untilUsable(storage)
    await storage.save("a", "newest", 3)
    await next()
    expect(await storage.load("a")).toBe("newest")
  })

  it("STO-2: operations time out while the server pauses its clients", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await storage.save("a", "text")
    await server.command("CLIENT", "PAUSE", "1500", "ALL")
    storage.useShortTimeout()
    expect(await failureOf(storage.load("a"))).toBe("no response")
    await untilUsable(storage)
    expect(await storage.load("a")).toBe("text")
  })

  it("STO-2: operations are slow on a slow connection, but do not fail", async () => {
    await using server = await startServer()
    await using proxy = await startProxy(server.port)
    await using storage = await open(layer(proxy))
    const use = async (round: number) => {
      const lease = await storage.acquireLease("a", `owner-${round}`)
      expect(await storage.save("a", `round ${round}`, lease.fence)).toBe(true)
      await storage.release(lease)
      expect(await storage.load("a")).toBe(`round ${round}`)
    }
    // The server loads the scripts.
    await use(1)
    proxy.delay = 100
    await use(2)
  })

  it("STO-2: connections that were reset are opened again", async () => {
    await using server = await startServer()
    await using proxy = await startProxy(server.port)
    await using storage = await open(layer(proxy))
    for (let round = 1; round <= 5; round += 1) {
      await storage.save("a", `round ${round}`, round)
      proxy.reset()
      await untilUsable(storage)
      expect(await storage.load("a")).toBe(`round ${round}`)
    }
  })

  it("STO-2: a reset between a script and its response fails only the pending operation", async () => {
    await using server = await startServer()
    await using proxy = await startProxy(server.port)
    await using storage = await open(layer(proxy))
    await storage.save("a", "text")
    proxy.onAnswer = (_, reset) => {
      proxy.onAnswer = undefined
      reset()
      return false
    }
    const failure = await failureOf(storage.save("a", "newer", 2))
    expect(failure ?? "lost").toMatch(/ECONNRESET|lost|closed/i)
    await untilUsable(storage)
    expect(await storage.load("a")).toBe("newer")
  })

  it("STO-2: a server without memory rejects saves with OOM, and still loads", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    const lease = await storage.acquireLease("a", "owner")
    await storage.save("a", "text", lease.fence)
    await server.command("CONFIG", "SET", "maxmemory", "1")
    expect(await failureOf(storage.save("a", "newer", lease.fence))).toMatch(/ OOM$/)
    expect(await failureOf(storage.acquireLease("b", "owner"))).toMatch(/ OOM$/)
    expect(await storage.load("a")).toBe("text")
    await storage.release(lease)
    await server.command("CONFIG", "SET", "maxmemory", "0")
    expect(await storage.acquireLease("a", "other")).toMatchObject({ _tag: "Lease" })
  })

  it("STO-2: a read-only replica rejects saves with READONLY, and still loads", async () => {
    await using primary = await startServer()
    await using server = await startServer()
    await using storage = await open(layer(server))
    await using writer = await open(layer(primary))
    await server.command("REPLICAOF", "127.0.0.1", `${primary.port}`)
    await writer.save("a", "text")
    await until("The replica has the record", async () => (await storage.load("a")) === "text")
    expect(await failureOf(storage.save("a", "newer", 2))).toMatch(/ READONLY$/)
    expect(await failureOf(storage.acquireLease("a", "owner"))).toMatch(/ READONLY$/)
    await server.command("REPLICAOF", "NO", "ONE")
    expect(await storage.save("a", "newer", 2)).toBe(true)
  })

  it("STO-2: scripts are sent again after SCRIPT FLUSH", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    for (let round = 1; round <= 3; round += 1) {
      await server.command("SCRIPT", "FLUSH")
      const lease = await storage.acquireLease("a", "owner")
      await server.command("SCRIPT", "FLUSH")
      expect(await storage.save("a", `round ${round}`, lease.fence)).toBe(true)
      await server.command("SCRIPT", "FLUSH")
      await storage.release(lease)
      expect(await storage.load("a")).toBe(`round ${round}`)
    }
  })
})

describe.skipIf(noRedis).concurrent("credentials", () => {
  it("STO-2: operations fail while the password is wrong, and succeed once the server accepts it", async () => {
    await using server = await startServer()
    await server.command("ACL", "SETUSER", "tokens", "on", ">right", "+@all", "~*", "&*")
    const url = `redis://tokens:wrong@127.0.0.1:${server.port}`
    await using own = await open(RedisStorage.layer({ url }))
    const nodeRedis = createClient({ url })
    const ioredis = new Redis(url)
    await using throughNodeRedis = await open(RedisStorage.layerClient(nodeRedis))
    await using throughIoredis = await open(RedisStorage.layerClient(ioredis))
    const all = [own, throughNodeRedis, throughIoredis]
    for (const storage of all) expect(await failureOf(storage.load("a"))).toMatch(/ WRONGPASS$/)
    await server.command("ACL", "SETUSER", "tokens", ">wrong")
    for (const storage of all) await untilUsable(storage)
    nodeRedis.destroy()
    ioredis.disconnect()
  })

  it("STO-2: a missing password fails operations with NOAUTH", async () => {
    await using server = await startServer({ config: { requirepass: "right" } })
    await using storage = await open(RedisStorage.layer({ url: server.url }))
    expect(await failureOf(storage.load("a"))).toMatch(/ NOAUTH$/)
  })
})

describe.skipIf(noRedis)("after a failover", () => {
  it("STO-2: a storage by URL connects again after READONLY, since the host name may lead to another server", async () => {
    await using primary = await startServer()
    await using server = await startServer()
    await using proxy = await startProxy(server.port)
    await using storage = await open(RedisStorage.layer({ url: proxy.url }))
    await storage.save("a", "text")
    await server.command("REPLICAOF", "127.0.0.1", `${primary.port}`)
    expect(await failureOf(storage.save("a", "newer", 2))).toMatch(/ READONLY$/)
    expect(proxy.connections()).toBe(1)
    await failureOf(storage.save("a", "newer", 2))
    expect(proxy.connections()).toBe(2)
  })
})

describe.skipIf(noRedis).concurrent("a fault that only an operator can end", () => {
  const acl = ["on", ">right", "~*", "&*", "+@all"]
  /** How often the server refused a user. */
  const refusals = async (server: RedisServer, reason: string): Promise<number> => {
    const log = (await server.command("ACL", "LOG")) as ReadonlyArray<ReadonlyArray<unknown>>
    const entries = log.filter((entry) => entry[entry.indexOf("reason") + 1] === reason)
    return entries.reduce((sum, entry) => sum + Number(entry[entry.indexOf("count") + 1]), 0)
  }
  const userUrl = ({ port }: RedisServer, password: string) => `redis://tokens:${password}@127.0.0.1:${port}`
  // No test waits for the end of this grace.
  const storageGrace = "1 hour"

  it("STO-2: a wrong password is sent once, and no caller waits for the grace", async () => {
    await using redis = await startServer()
    await redis.command("ACL", "SETUSER", "tokens", ...acl)
    await using server = await startFakeDeeply()
    const { apiKey, host } = server
    const storage = RedisStorage.layer({ url: userUrl(redis, "wrong") })
    await using deeply = createDeeply({ apiKey, host, storage, storageGrace })
    expect((await deeply.fetch("/api/v1/mics")).status).toBe(200)
    expect(await refusals(redis, "auth")).toBe(1)
    await using strict = createDeeply({ apiKey, host, storage, storageGrace, storageFailure: "require" })
    expect(await strict.token().catch(String)).toMatch(/load: .*WRONGPASS/)
  })

  it.each([
    ["type", "load: "],
    ["set", "acquireLease: "]
  ])("STO-2: without permission for %s, no caller waits for the grace", async (command, operation) => {
    await using redis = await startServer()
    await redis.command("ACL", "SETUSER", "tokens", ...acl, `-${command}`)
    await using server = await startFakeDeeply()
    const { apiKey, host } = server
    const url = userUrl(redis, "right")
    const clients = [createClient({ url }), new Redis(url)] as const
    for (const storage of [RedisStorage.layer({ url }), ...clients.map((client) => RedisStorage.layerClient(client))]) {
      await using strict = createDeeply({ apiKey, host, storage, storageGrace, storageFailure: "require" })
      const error = await strict.token().catch((thrown: Error) => thrown)
      expect(String(error)).toContain(operation)
      expect(String(error)).toContain("NOPERM")
    }
    clients[0].destroy()
    clients[1].disconnect()
  })

  it("STO-2: a database that does not exist fails at once, and the detail says so", async () => {
    await using redis = await startServer()
    await using storage = await open(RedisStorage.layer({ url: `${redis.url}/99` }))
    const failure = await storage.load("a").catch((thrown: unknown) => thrown)
    expect(failure).toMatchObject({ detail: expect.stringMatching(/^ERR DB index/), retryable: false })
  })
})

describe("the detail of a failure", () => {
  it("STO-2: says what failed while no server listens, through every kind of client", async () => {
    const port = await freePort()
    const endpoint = { port, url: `redis://127.0.0.1:${port}`, host: "127.0.0.1" }
    const cluster = { masters: [endpoint] } as unknown as RedisCluster
    const sentinel = { name: "tokens", sentinels: [endpoint] } as unknown as RedisSentinel
    const layers = [
      ...singleClients.map(({ layer, title }) => [title, layer(endpoint)] as const),
      ...clusterClients.map(({ layer, title }) => [title, layer(cluster)] as const),
      ...sentinelClients.map(({ layer, title }) => [title, layer(sentinel)] as const)
    ]
    const details = layers.map(async ([title, layer]) => {
      await using storage = await open(layer)
      return `${title}: ${await failureOf(storage.load("a"))}`
    })
    expect(await Promise.all(details)).toEqual([
      "a URL: Error ECONNREFUSED",
      "a node-redis client: Error ECONNREFUSED",
      "an ioredis client: Error ECONNREFUSED",
      "a node-redis cluster: Error ECONNREFUSED",
      "an ioredis cluster: Failed to refresh slots cache",
      "a node-redis client with Sentinels: Error ECONNREFUSED",
      "an ioredis client with Sentinels: All sentinels are unreachable"
    ])
  })
})

describe.skipIf(noRedis)("a connection that was dropped silently", () => {
  it.each(singleClients)(
    "STO-2, TOK-3: $title: after one operation without a response, another connection is used, so no token request is lost",
    async ({ layer }) => {
      await using redis = await startServer()
      await using proxy = await startProxy(redis.port)
      await using server = await startFakeDeeply()
      const { apiKey, host } = server
      const degraded: Array<unknown> = []
      const onTokenEvent = (event: { readonly type: string }) => {
        if (event.type === "storage-degraded") degraded.push(event)
      }
      await using other = createDeeply({ apiKey, host, storage: layer(redis) })
      await using deeply = createDeeply({ apiKey, host, storage: layer(proxy), onTokenEvent })
      await deeply.token()
      for (let round = 2; round <= 4; round += 1) {
        proxy.silence()
        server.revokeTokens()
        // One renews, and the other adopts its token.
        const [first, second] = round % 2 === 0 ? [other, deeply] : [deeply, other]
        expect((await first.fetch("/api/v1/mics")).status).toBe(200)
        expect((await second.fetch("/api/v1/mics")).status).toBe(200)
        expect(server.stats.issued).toBe(round)
      }
      expect(degraded).toEqual([])
    }
  )

  it.each(singleClients)(
    "STO-2: $title: a watch without a response is repeated on another connection",
    async ({ layer }) => {
      await using server = await startServer()
      await using proxy = await startProxy(server.port)
      await using storage = await open(layer(proxy))
      await using other = await open(layer(server))
      await storage.watch("a")
      proxy.silence()
      storage.useShortTimeout()
      expect(await failureOf(storage.watch("b"))).toBe("no response")
      storage.useLongTimeout()
      const next = await storage.watch("b")
      await other.save("b", "text")
      await next()
    }
  )

  it.each(singleClients)(
    "TOK-3: $title: a subscription that was kept is replaced after one wait without a message",
    async ({ layer }) => {
      await using server = await startServer()
      await using proxy = await startProxy(server.port)
      await using storage = await open(layer(proxy))
      await using other = await open(layer(server))
      const waitShortly = () =>
        Effect.runPromise(
          Effect.scoped(Effect.flatMap(storage.service.watch!("a"), (next) => Effect.timeoutOption(next, 200)))
        )
      const watchOnly = () => Effect.runPromise(Effect.asVoid(Effect.scoped(storage.service.watch!("a"))))
      await watchOnly()
      proxy.silence()
      // The subscription is there, so this watch sends nothing, and its wait misses a message.
      await watchOnly()
      await other.save("a", "text")
      await waitShortly()
      // The next one subscribes again, and there is no response.
      storage.useShortTimeout()
      expect(await failureOf(storage.watch("a"))).toBe("no response")
      storage.useLongTimeout()
      const next = await storage.watch("a")
      await other.save("a", "text")
      await next()
    }
  )

  it("STO-2: an attempt to connect without a response for 5 s is replaced by a new one", async () => {
    await using server = await startServer()
    await using proxy = await startProxy(server.port)
    await using storage = await open(RedisStorage.layer({ url: proxy.url }))
    proxy.onRequest = () => false
    storage.useShortTimeout()
    expect(await failureOf(storage.load("a"))).toBe("no response")
    proxy.silence()
    proxy.onRequest = undefined
    await untilUsable(storage)
    expect(await storage.load("a")).toBeUndefined()
    expect(proxy.connections()).toBe(2)
  })
})
