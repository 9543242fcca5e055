import { RedisStorage } from "@tokenkeep/storage-redis"
import { Cluster, Redis } from "ioredis"
import { createClient, createCluster } from "redis"
import { type RedisServer, startCluster, startServer } from "redis-servers"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { failureOf, type Opened, open } from "./support/open.ts"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")

/** The rules in the README, for one user with the password `secret`. */
const documented = (heading: string): ReadonlyArray<string> => {
  const [, line] = new RegExp(`${heading}[\\s\\S]*?\`\`\`text\\n(ACL SETUSER [^\`]*)\`\`\``).exec(readme) ?? []
  if (line === undefined) throw new Error(`The README has no ACL after "${heading}"`)
  return line
    .trim()
    .split(/\s+/)
    .map((word) => (word === ">PASSWORD" ? ">secret" : word))
}

const useAll = async (storage: Opened): Promise<void> => {
  const next = await storage.watch("a")
  const lease = await storage.acquireLease("a", "owner")
  expect((await storage.acquireLease("a", "other"))._tag).toBe("LeaseTaken")
  expect(await storage.save("a", "text", lease.fence)).toBe(true)
  await next()
  expect(await storage.load("a")).toBe("text")
  const change = {
    expected: (await storage.loadExclusive("a"))?.version,
    record: { version: lease.fence + "", text: "1" }
  }
  expect(await storage.replace("a", { ...change, fence: lease.fence })).toBe(true)
  await next()
  expect(await storage.loadExclusive("a")).toEqual(change.record)
  await storage.release(lease)
  await storage.remove("a")
}

const refusals = async (server: RedisServer): Promise<ReadonlyArray<string>> => {
  const log = (await server.command("ACL", "LOG")) as ReadonlyArray<ReadonlyArray<unknown>>
  return log.map(
    (entry) => `${String(entry[entry.indexOf("context") + 1])} ${String(entry[entry.indexOf("object") + 1])}`
  )
}

describe.skipIf(noRedis)("the user in the README", () => {
  const line = documented("The minimum permissions")

  it("STO-2: has all permissions that both clients need on one server", async () => {
    await using server = await startServer()
    await server.command(...line)
    const url = `redis://tokenkeep:secret@127.0.0.1:${server.port}`
    const nodeRedis = createClient({ url })
    const ioredis = new Redis(url)
    for (const layer of [
      RedisStorage.layer({ url }),
      RedisStorage.layerClient(nodeRedis),
      RedisStorage.layerClient(ioredis)
    ]) {
      await using storage = await open(layer)
      await useAll(storage)
    }
    nodeRedis.destroy()
    ioredis.disconnect()
    // Some clients send CLIENT SETINFO, and continue if it is not permitted.
    expect((await refusals(server)).filter((refusal) => !refusal.includes("client|"))).toEqual([])
  })

  it("STO-2: has no other permissions", async () => {
    await using server = await startServer()
    await server.command(...line)
    const client = createClient({ url: `redis://tokenkeep:secret@127.0.0.1:${server.port}` })
    client.on("error", () => undefined)
    await client.connect()
    const key = "{tokenkeep:1:a}:tok"
    const forbidden = [
      ["KEYS", "*"],
      ["FLUSHALL"],
      ["CONFIG", "GET", "*"],
      ["GET", "others"],
      ["SET", "{tokenkeeper", "x"],
      ["PUBLISH", "others", "x"],
      ["SUBSCRIBE", "others"],
      ["EVAL", "return redis.call('GET', 'others')", "0"],
      ["EVAL", "return redis.call('LPUSH', KEYS[1], 'x')", "1", key]
    ]
    for (const args of forbidden) {
      await expect(client.sendCommand(args)).rejects.toThrow(/^NOPERM |^ERR The user executing the script can't/)
    }
    client.destroy()
  })

  it("STO-2: has all permissions that both clients need in a cluster", async () => {
    const inCluster = documented("In a Cluster, the user also needs")
    await using cluster = await startCluster()
    for (const master of cluster.masters) await master.command(...inCluster)
    const user = { username: "tokenkeep", password: "secret" }
    const nodeRedis = createCluster({ rootNodes: cluster.masters.map(({ url }) => ({ url })), defaults: user })
    const ioredis = new Cluster(
      cluster.masters.map(({ port }) => ({ host: "127.0.0.1", port })),
      { redisOptions: user }
    )
    for (const layer of [RedisStorage.layerClient(nodeRedis), RedisStorage.layerClient(ioredis)]) {
      await using storage = await open(layer)
      await useAll(storage)
    }
    nodeRedis.destroy()
    ioredis.disconnect()
    const refused = (await Promise.all(cluster.masters.map(refusals))).flat()
    expect(refused.filter((refusal) => !refusal.includes("client|"))).toEqual([])
  })

  it("STO-2: with a key prefix of the client, needs that prefix before the pattern of the keys, not of the channels", async () => {
    await using server = await startServer()
    await server.command(...line.map((word) => (word.startsWith("~") ? `~app:${word.slice(1)}` : word)))
    const url = `redis://tokenkeep:secret@127.0.0.1:${server.port}`
    const nodeRedis = createClient({ url, keyPrefix: "app:" })
    const ioredis = new Redis(url, { keyPrefix: "app:" })
    for (const client of [nodeRedis, ioredis]) {
      await using storage = await open(RedisStorage.layerClient(client))
      await useAll(storage)
    }
    nodeRedis.destroy()
    ioredis.disconnect()
    expect((await refusals(server)).filter((refusal) => !refusal.includes("client|"))).toEqual([])
  })

  it("STO-2: a missing permission fails only the operations that need it, with NOPERM", async () => {
    await using server = await startServer()
    await server.command(...line.filter((word) => word !== "+set"))
    await using storage = await open(RedisStorage.layer({ url: `redis://tokenkeep:secret@127.0.0.1:${server.port}` }))
    expect(await failureOf(storage.save("a", "text"))).toMatch(/NOPERM$/)
    expect(await failureOf(storage.acquireLease("a", "owner"))).toMatch(/NOPERM$/)
    expect(await storage.load("a")).toBeUndefined()
    await server.command("ACL", "SETUSER", "tokenkeep", "+set")
    expect(await storage.save("a", "text")).toBe(true)
  })
})
