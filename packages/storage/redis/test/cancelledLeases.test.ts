import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { startCluster, startProxy, startServer, until } from "redis-servers"
import { describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { clusterClients, singleClients } from "./support/clients.ts"
import { failureOf, type Opened, open } from "./support/open.ts"

const minute = 60_000

/** Requests a lease, and is interrupted before the response. */
const requestAndCancel = async (storage: Opened, name: string, owner: string): Promise<void> => {
  const request = Effect.runFork(storage.service.acquireLease!(name, { owner, millis: minute }))
  await Effect.runPromise(Effect.sleep(100))
  await Effect.runPromise(Fiber.interrupt(request))
}

/** Loads the scripts into the server. Without them, it does not grant a late request. */
const loadScripts = async (storage: Opened, name: string): Promise<void> =>
  storage.release(await storage.acquireLease(name, "first"))

/** Other owners get the lease long before it expires. */
const expectFree = async (storage: Opened, name: string): Promise<void> => {
  await until("The lease is free", async () => {
    const result = await storage.acquireLease(name, "next")
    await storage.release(result)
    return result._tag === "Lease"
  })
  expect(await storage.acquireLease(name, "next")).toMatchObject({ _tag: "Lease" })
}

describe.skipIf(noRedis).concurrent.each(singleClients)("through $title", ({ layer }) => {
  it("TOK-3, STO-6: a server that was stopped leaves no lease to requests that were cancelled meanwhile", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await using other = await open(layer(server))
    await loadScripts(storage, "a")
    await other.load("a")
    server.signal("SIGSTOP")
    for (let each = 0; each < 5; each += 1) await requestAndCancel(storage, "a", `owner-${each}`)
    server.signal("SIGCONT")
    await expectFree(other, "a")
  })

  it("TOK-3, STO-6: a server without the scripts leaves no lease to a cancelled request", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await using other = await open(layer(server))
    await storage.load("a")
    await server.command("SCRIPT", "FLUSH")
    server.signal("SIGSTOP")
    await requestAndCancel(storage, "a", "owner")
    server.signal("SIGCONT")
    await expectFree(other, "a")
  })

  it("TOK-3: a cancelled request does not release the next lease of the same owner", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await using other = await open(layer(server))
    await loadScripts(storage, "a")
    server.signal("SIGSTOP")
    await requestAndCancel(storage, "a", "owner")
    const request = storage.acquireLease("a", "owner")
    server.signal("SIGCONT")
    const lease = await request
    expect(lease._tag).toBe("Lease")
    expect(await other.acquireLease("a", "other")).toMatchObject({ _tag: "LeaseTaken", fence: lease.fence })
    expect(await storage.save("a", "text", lease.fence)).toBe(true)
  })

  it("TOK-3: if a reset loses the response, the owner gets its lease again", async () => {
    await using server = await startServer()
    await using proxy = await startProxy(server.port)
    await using storage = await open(layer(proxy))
    await using other = await open(layer(server))
    const first = await storage.acquireLease("a", "owner")
    await storage.release(first)
    proxy.onAnswer = (_, reset) => {
      proxy.onAnswer = undefined
      reset()
      return false
    }
    expect(await failureOf(storage.acquireLease("a", "owner", minute))).toMatch(/ECONNRESET|lost|closed/i)
    await until(
      "The owner gets the lease again",
      async () => (await storage.acquireLease("a", "owner"))._tag === "Lease"
    )
    const lease = await storage.acquireLease("a", "owner")
    await storage.release(lease)
    await expectFree(other, "a")
  })
})

describe.skipIf(noRedis)("in a cluster", () => {
  it.each(clusterClients)("TOK-3, STO-6: $title leaves no lease to a cancelled request", async ({ layer }) => {
    await using cluster = await startCluster()
    await using storage = await open(layer(cluster))
    await using other = await open(layer(cluster))
    const names = ["a", "b", "c", "d", "e"]
    for (const name of names) await loadScripts(storage, name)
    for (const name of names) await other.load(name)
    for (const master of cluster.masters) master.signal("SIGSTOP")
    await Promise.all(names.map((name) => requestAndCancel(storage, name, "owner")))
    for (const master of cluster.masters) master.signal("SIGCONT")
    for (const name of names) await expectFree(other, name)
  })
})
