import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { startCluster, startProxy, startServer, until } from "redis-servers"
import { describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { clustered, single } from "./support/clients.ts"
import { failureOf, type Opened, open } from "./support/open.ts"

const minute = 60_000

/** Asks, and is interrupted before there can be an answer. */
const askInVain = async (storage: Opened, name: string, owner: string): Promise<void> => {
  const asking = Effect.runFork(storage.service.exclusive!(name, { owner, millis: minute }))
  await Effect.runPromise(Effect.sleep(100))
  await Effect.runPromise(Fiber.interrupt(asking))
}

/** The server learns the scripts: one that does not know them grants nothing late. */
const learn = async (storage: Opened, name: string): Promise<void> => storage.release(await storage.ask(name, "first"))

/** Others get the lease long before it could end by itself. */
const expectFree = async (storage: Opened, name: string): Promise<void> => {
  await until("The lease is free", async () => {
    const answer = await storage.ask(name, "next")
    await storage.release(answer)
    return answer._tag === "Lease"
  })
  expect(await storage.ask(name, "next")).toMatchObject({ _tag: "Lease" })
}

describe.skipIf(noRedis).concurrent.each(single)("through $title", { timeout: 60_000 }, ({ layer }) => {
  it("TOK-3, STO-6: a server that was stopped grants nothing to who gave up meanwhile", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await using other = await open(layer(server))
    await learn(storage, "a")
    await other.load("a")
    server.signal("SIGSTOP")
    for (let each = 0; each < 5; each += 1) await askInVain(storage, "a", `owner-${each}`)
    server.signal("SIGCONT")
    await expectFree(other, "a")
  })

  it("TOK-3, STO-6: nor does one that has to be told the script first", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await using other = await open(layer(server))
    await storage.load("a")
    await server.command("SCRIPT", "FLUSH")
    server.signal("SIGSTOP")
    await askInVain(storage, "a", "owner")
    server.signal("SIGCONT")
    await expectFree(other, "a")
  })

  it("TOK-3: what was given up late takes nothing from the same owner's next lease", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await using other = await open(layer(server))
    await learn(storage, "a")
    server.signal("SIGSTOP")
    await askInVain(storage, "a", "owner")
    const asking = storage.ask("a", "owner")
    server.signal("SIGCONT")
    const lease = await asking
    expect(lease._tag).toBe("Lease")
    expect(await other.ask("a", "other")).toMatchObject({ _tag: "Held", fence: lease.fence })
    expect(await storage.save("a", "text", lease.fence)).toBe(true)
  })

  it("TOK-3: a reset that swallows the grant leaves the lease to its owner, who gets it again", async () => {
    await using server = await startServer()
    await using proxy = await startProxy(server.port)
    await using storage = await open(layer(proxy))
    await using other = await open(layer(server))
    const first = await storage.ask("a", "owner")
    await storage.release(first)
    proxy.onAnswer = (_, reset) => {
      proxy.onAnswer = undefined
      reset()
      return false
    }
    expect(await failureOf(storage.ask("a", "owner", minute))).toMatch(/ECONNRESET|lost|closed/i)
    await until("Its owner gets it again", async () => (await storage.ask("a", "owner"))._tag === "Lease")
    const lease = await storage.ask("a", "owner")
    await storage.release(lease)
    await expectFree(other, "a")
  })
})

describe.skipIf(noRedis)("in a cluster", () => {
  it.each(clustered)("TOK-3, STO-6: $title leaves no lease to who gave up", { timeout: 60_000 }, async ({ layer }) => {
    await using cluster = await startCluster()
    await using storage = await open(layer(cluster))
    await using other = await open(layer(cluster))
    const names = ["a", "b", "c", "d", "e"]
    for (const name of names) await learn(storage, name)
    for (const name of names) await other.load(name)
    for (const master of cluster.masters) master.signal("SIGSTOP")
    await Promise.all(names.map((name) => askInVain(storage, name, "owner")))
    for (const master of cluster.masters) master.signal("SIGCONT")
    for (const name of names) await expectFree(other, name)
  })
})
