import { RedisStorage } from "@tokenkeep/storage-redis"
import { createCluster } from "redis"
import { startCluster, until } from "redis-servers"
import { describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { clustered } from "./support/clients.ts"
import { failureOf, open, untilItWorks } from "./support/open.ts"

/** Names whose keys are spread over the masters. */
const names = Array.from({ length: 12 }, (_, index) => `name-${index}`)

describe.skipIf(noRedis).each(clustered)("$title", { timeout: 90_000 }, ({ layer }) => {
  it("STO-2: keeps a credential's keys together, wherever they are, and wakes over any node", async () => {
    await using cluster = await startCluster()
    await using storage = await open(layer(cluster))
    await using other = await open(layer(cluster))
    for (const name of names) {
      const next = await other.watch(name)
      const lease = await storage.ask(name, "owner")
      expect(await storage.save(name, name, lease.fence)).toBe(true)
      await next()
      expect(await other.load(name)).toBe(name)
      await storage.release(lease)
    }
    const kept = await Promise.all(cluster.masters.map((master) => master.command("DBSIZE")))
    expect(kept.filter((count) => Number(count) > 0).length).toBeGreaterThan(1)
  })

  it("STO-2: fails while it is down, part or all of it, and goes on when it is back", async () => {
    await using cluster = await startCluster()
    await using storage = await open(layer(cluster))
    for (const name of names) await storage.save(name, "text")
    const [first, ...others] = cluster.masters
    storage.hurry()

    await first?.kill()
    // node-redis says CLUSTERDOWN at once; ioredis asks again for longer than anybody waits here.
    await until("Its other masters see it", async () => {
      const failures = await Promise.all(names.map((name) => failureOf(storage.load(name))))
      return failures.every((failure) => failure !== undefined)
    })
    await Promise.all(others.map((master) => master.kill()))
    for (const name of names.slice(0, 3)) expect(await failureOf(storage.load(name))).toBeDefined()

    await Promise.all(cluster.masters.map((master) => master.restart()))
    for (const name of names) await untilItWorks(storage, name)
    for (const name of names) await until(`${name} can be saved`, () => storage.save(name, "again", 2))
    for (const name of names) expect(await storage.load(name)).toBe("again")
    const next = await storage.watch("name-0")
    await storage.save("name-0", "newer", 3)
    await next()
  })
})

describe.skipIf(noRedis)("a node-redis cluster that nobody has connected", { timeout: 90_000 }, () => {
  it("STO-2: is tried again when it was down at the start", async () => {
    await using cluster = await startCluster()
    await Promise.all(cluster.masters.map((master) => master.kill()))
    const client = createCluster({ rootNodes: cluster.masters.map(({ url }) => ({ url })) })
    await using storage = await open(RedisStorage.layerClient(client))
    storage.hurry()
    expect(await failureOf(storage.load("a"))).toBeDefined()
    await Promise.all(cluster.masters.map((master) => master.restart()))
    await untilItWorks(storage)
    await until("It can be saved to", () => storage.save("a", "text"))
    expect(await storage.load("a")).toBe("text")
    await storage.close()
    client.destroy()
  })
})
