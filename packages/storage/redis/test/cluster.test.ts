import { RedisStorage } from "@tokenkeep/storage-redis"
import { createCluster } from "redis"
import { startCluster, until } from "redis-servers"
import { describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { clusterClients } from "./support/clients.ts"
import { failureOf, open, untilUsable } from "./support/open.ts"

/** Names whose keys are on different masters. */
const names = Array.from({ length: 12 }, (_, index) => `name-${index}`)

describe.skipIf(noRedis).each(clusterClients)("$title", ({ layer }) => {
  it("STO-2: keeps the keys of a credential on one node, and notifies watchers through any node", async () => {
    await using cluster = await startCluster()
    await using storage = await open(layer(cluster))
    await using other = await open(layer(cluster))
    for (const name of names) {
      const next = await other.watch(name)
      const lease = await storage.acquireLease(name, "owner")
      expect(await storage.save(name, name, lease.fence)).toBe(true)
      await next()
      expect(await other.load(name)).toBe(name)
      await storage.release(lease)
    }
    const sizes = await Promise.all(cluster.masters.map((master) => master.command("DBSIZE")))
    expect(sizes.filter((count) => Number(count) > 0).length).toBeGreaterThan(1)
  })

  it("STO-2: fails while some or all nodes are down, and works again afterwards", async () => {
    await using cluster = await startCluster()
    await using storage = await open(layer(cluster))
    for (const name of names) await storage.save(name, "text")
    const [first, ...others] = cluster.masters
    storage.useShortTimeout()

    await first?.kill()
    // node-redis fails with CLUSTERDOWN at once. ioredis retries for longer than this test waits.
    await until("The other masters report the failure", async () => {
      const failures = await Promise.all(names.map((name) => failureOf(storage.load(name))))
      return failures.every((failure) => failure !== undefined)
    })
    await Promise.all(others.map((master) => master.kill()))
    for (const name of names.slice(0, 3)) expect(await failureOf(storage.load(name))).toBeDefined()

    await Promise.all(cluster.masters.map((master) => master.restart()))
    for (const name of names) await untilUsable(storage, name)
    for (const name of names) await until(`${name} is saved`, () => storage.save(name, "again", 2))
    for (const name of names) expect(await storage.load(name)).toBe("again")
    const next = await storage.watch("name-0")
    await storage.save("name-0", "newer", 3)
    await next()
  })
})

describe.skipIf(noRedis)("a node-redis cluster that the user did not connect", () => {
  it("STO-2: is connected again if it was down at the start", async () => {
    await using cluster = await startCluster()
    await Promise.all(cluster.masters.map((master) => master.kill()))
    const client = createCluster({ rootNodes: cluster.masters.map(({ url }) => ({ url })) })
    await using storage = await open(RedisStorage.layerClient(client))
    storage.useShortTimeout()
    expect(await failureOf(storage.load("a"))).toBeDefined()
    await Promise.all(cluster.masters.map((master) => master.restart()))
    await untilUsable(storage)
    await until("A save succeeds", () => storage.save("a", "text"))
    expect(await storage.load("a")).toBe("text")
    await storage.close()
    client.destroy()
  })
})
