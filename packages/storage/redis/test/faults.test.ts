import { RedisStorage } from "@tokenkeep/storage-redis"
import { Redis } from "ioredis"
import { createClient } from "redis"
import { startProxy, startServer } from "redis-servers"
import { describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { single } from "./support/clients.ts"
import { failureOf, open, untilItWorks } from "./support/open.ts"

const refused = /ECONNREFUSED|ECONNRESET|EPIPE|lost|closed|no answer/i

describe.skipIf(noRedis).concurrent.each(single)("through $title", { timeout: 60_000 }, ({ layer }) => {
  it("STO-2: a server that is down at the start fails each operation, and is found once it is up", async () => {
    await using server = await startServer()
    await server.kill()
    await using storage = await open(layer(server))
    storage.hurry()
    expect(await failureOf(storage.load("a"))).toMatch(refused)
    expect(await failureOf(storage.save("a", "text"))).toMatch(refused)
    expect(await failureOf(storage.remove("a"))).toMatch(refused)
    expect(await failureOf(storage.ask("a", "owner"))).toMatch(refused)
    expect(await failureOf(storage.watch("a"))).toMatch(refused)
    await server.restart()
    await untilItWorks(storage)
    expect(await storage.save("a", "text")).toBe(true)
    expect(await storage.load("a")).toBe("text")
  })

  it("STO-2: a server that is killed in flight and comes back empty is a storage that is empty", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await storage.save("a", "text")
    const before = await storage.ask("a", "owner")
    const inFlight = Array.from({ length: 20 }, () => failureOf(storage.load("a")))
    await server.kill()
    for (const failure of await Promise.all(inFlight)) expect(failure ?? "lost").toMatch(refused)
    expect(await failureOf(storage.load("a"))).toMatch(refused)
    await server.restart()
    await untilItWorks(storage)
    expect(await storage.load("a")).toBeUndefined()
    // Whoever had a lease may think that it has it still: its fence is lower than the next one's.
    const after = await storage.ask("a", "other")
    expect(after).toMatchObject({ _tag: "Lease" })
    expect(after.fence).toBeGreaterThan(before.fence)
    expect(await storage.save("a", "late", before.fence)).toBe(false)
  })

  it("STO-2: a server that comes back with its data gives it back, leases and fences included", async () => {
    await using server = await startServer({ config: { appendonly: "yes", appendfsync: "always" } })
    await using storage = await open(layer(server))
    const lease = await storage.ask("a", "owner")
    await storage.save("a", "text", lease.fence)
    await server.kill()
    await server.restart()
    await untilItWorks(storage)
    expect(await storage.load("a")).toBe("text")
    expect(await storage.ask("a", "other")).toMatchObject({ _tag: "Held", owner: "owner", fence: lease.fence })
    expect(await storage.save("a", "older", lease.fence - 1)).toBe(false)
  })

  it("STO-2: a server that is stopped holds nobody up, and goes on when it does", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await storage.save("a", "text")
    const next = await storage.watch("a")
    server.signal("SIGSTOP")
    storage.hurry()
    expect(await failureOf(storage.load("a"))).toBe("no answer")
    expect(await failureOf(storage.save("a", "newer", 2))).toBe("no answer")
    server.signal("SIGCONT")
    await untilItWorks(storage)
    await storage.save("a", "newest", 3)
    await next()
    expect(await storage.load("a")).toBe("newest")
  })

  it("STO-2: so does one that pauses its clients", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await storage.save("a", "text")
    await server.command("CLIENT", "PAUSE", "1500", "ALL")
    storage.hurry()
    expect(await failureOf(storage.load("a"))).toBe("no answer")
    await untilItWorks(storage)
    expect(await storage.load("a")).toBe("text")
  })

  it("STO-2: a slow wire slows each operation down, and fails none", async () => {
    await using server = await startServer()
    await using proxy = await startProxy(server.port)
    await using storage = await open(layer(proxy))
    const use = async (round: number) => {
      const lease = await storage.ask("a", `owner-${round}`)
      expect(await storage.save("a", `round ${round}`, lease.fence)).toBe(true)
      await storage.release(lease)
      expect(await storage.load("a")).toBe(`round ${round}`)
    }
    // The server learns the scripts.
    await use(1)
    proxy.delay = 100
    await use(2)
  })

  it("STO-2: connections that are reset are made anew", async () => {
    await using server = await startServer()
    await using proxy = await startProxy(server.port)
    await using storage = await open(layer(proxy))
    for (let round = 1; round <= 5; round += 1) {
      await storage.save("a", `round ${round}`, round)
      proxy.reset()
      await untilItWorks(storage)
      expect(await storage.load("a")).toBe(`round ${round}`)
    }
  })

  it("STO-2: a reset between a script and its answer fails the operation that waits, and nothing else", async () => {
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
    await untilItWorks(storage)
    expect(await storage.load("a")).toBe("newer")
  })

  it("STO-2: a server without memory refuses to save, says so, and goes on reading", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    const lease = await storage.ask("a", "owner")
    await storage.save("a", "text", lease.fence)
    await server.command("CONFIG", "SET", "maxmemory", "1")
    expect(await failureOf(storage.save("a", "newer", lease.fence))).toMatch(/ OOM$/)
    expect(await failureOf(storage.ask("b", "owner"))).toMatch(/ OOM$/)
    expect(await storage.load("a")).toBe("text")
    await storage.release(lease)
    await server.command("CONFIG", "SET", "maxmemory", "0")
    expect(await storage.ask("a", "other")).toMatchObject({ _tag: "Lease" })
  })

  it("STO-2: a replica that is read-only refuses to save, says so, and goes on reading", async () => {
    await using primary = await startServer()
    await using server = await startServer()
    await using storage = await open(layer(server))
    await using writer = await open(layer(primary))
    await server.command("REPLICAOF", "127.0.0.1", `${primary.port}`)
    await writer.save("a", "text")
    await expect.poll(() => storage.load("a"), { timeout: 20_000 }).toBe("text")
    expect(await failureOf(storage.save("a", "newer", 2))).toMatch(/ READONLY$/)
    expect(await failureOf(storage.ask("a", "owner"))).toMatch(/ READONLY$/)
    await server.command("REPLICAOF", "NO", "ONE")
    expect(await storage.save("a", "newer", 2)).toBe(true)
  })

  it("STO-2: scripts that the server was told to forget are sent again", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    for (let round = 1; round <= 3; round += 1) {
      await server.command("SCRIPT", "FLUSH")
      const lease = await storage.ask("a", "owner")
      await server.command("SCRIPT", "FLUSH")
      expect(await storage.save("a", `round ${round}`, lease.fence)).toBe(true)
      await server.command("SCRIPT", "FLUSH")
      await storage.release(lease)
      expect(await storage.load("a")).toBe(`round ${round}`)
    }
  })
})

describe.skipIf(noRedis).concurrent("credentials", { timeout: 60_000 }, () => {
  it("STO-2: a wrong password fails each operation, and a right one is seen once the server knows it", async () => {
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
    for (const storage of all) await untilItWorks(storage)
    nodeRedis.destroy()
    ioredis.disconnect()
  })

  it("STO-2: a server that wants a password from whoever has none says so", async () => {
    await using server = await startServer({ config: { requirepass: "right" } })
    await using storage = await open(RedisStorage.layer({ url: server.url }))
    expect(await failureOf(storage.load("a"))).toMatch(/ NOAUTH$/)
  })
})

describe.skipIf(noRedis)("a wire that forgets", () => {
  it(
    "STO-2: a connection that owes an answer for 5 s is given up, and a new one works",
    { timeout: 60_000 },
    async () => {
      await using server = await startServer()
      await using proxy = await startProxy(server.port)
      await using storage = await open(RedisStorage.layer({ url: proxy.url }))
      await storage.save("a", "text")
      proxy.silence()
      storage.hurry()
      expect(await failureOf(storage.load("a"))).toBe("no answer")
      await untilItWorks(storage)
      expect(await storage.load("a")).toBe("text")
      expect(proxy.connections()).toBe(2)
    }
  )
})
