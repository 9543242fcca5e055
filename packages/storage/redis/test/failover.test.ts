import { startSentinel, until } from "redis-servers"
import { describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { sentinelClients } from "./support/clients.ts"
import { failureOf, open } from "./support/open.ts"

describe.skipIf(noRedis).each(sentinelClients)("$title", ({ layer }) => {
  it("STO-2, TOK-3: follows a failover: new leases have higher fences, and watchers are notified", async () => {
    await using sentinel = await startSentinel()
    await using storage = await open(layer(sentinel))
    await using other = await open(layer(sentinel))
    const before = await storage.acquireLease("a", "owner")
    expect(await storage.save("a", "text", before.fence)).toBe(true)
    await storage.release(before)
    await other.watch("a")
    await until("The replicas have the record", async () => {
      const primary = await sentinel.primary()
      return Number(await primary.command("WAIT", "2", "1000")) === 2
    })

    await sentinel.failover()
    storage.useShortTimeout()
    other.useShortTimeout()
    await until("Both storages use the new primary", async () => {
      const failures = [await failureOf(storage.load("a")), await failureOf(other.save("b", "text", Date.now()))]
      return failures.every((failure) => failure === undefined)
    })
    storage.useLongTimeout()
    other.useLongTimeout()
    expect(await storage.load("a")).toBe("text")
    const after = await storage.acquireLease("a", "owner")
    expect(after._tag).toBe("Lease")
    expect(after.fence).toBeGreaterThan(before.fence)
    const next = await other.watch("a")
    expect(await storage.save("a", "newer", after.fence)).toBe(true)
    await next()
    expect(await other.load("a")).toBe("newer")
    expect(await storage.save("a", "late", before.fence)).toBe(false)
  })
})
