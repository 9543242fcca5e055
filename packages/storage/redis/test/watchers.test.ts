import { RedisStorage } from "@tokenkeep/storage-redis"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { type RedisServer, startProxy, startServer, until } from "redis-servers"
import { describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { singleClients } from "./support/clients.ts"
import { failureOf, open } from "./support/open.ts"

const channel = (name: string) => `{tokenkeep:1:"${name}"}:ch`

const subscribers = async (server: RedisServer, name: string): Promise<number> => {
  const [, count] = (await server.command("PUBSUB", "NUMSUB", channel(name))) as [string, number]
  return count
}

/** The number of connections to a server, without the one that runs this command. */
const connections = async (server: RedisServer): Promise<number> =>
  ((await server.command("CLIENT", "LIST")) as string).trim().split("\n").length - 1

describe.skipIf(noRedis).concurrent.each(singleClients)("through $title", ({ layer }) => {
  it("TOK-3: all watchers share one connection, and one subscription for each name", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await storage.load("a")
    const before = await connections(server)
    const scopes = await Promise.all(
      ["a", "a", "b"].map(async (name) => {
        const scope = Scope.makeUnsafe()
        await Effect.runPromise(Effect.asVoid(Scope.provide(storage.service.watch!(name), scope)))
        return { close: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
      })
    )
    expect(await connections(server)).toBe(before + 1)
    expect(await subscribers(server, "a")).toBe(1)
    await scopes[0]?.close()
    expect(await subscribers(server, "a")).toBe(1)
    await scopes[1]?.close()
    await scopes[2]?.close()
    await until(
      "There are no subscriptions",
      async () => (await subscribers(server, "a")) + (await subscribers(server, "b")) === 0
    )
    const next = await storage.watch("a")
    await storage.save("a", "text")
    await next()
    expect(await connections(server)).toBe(before + 1)
    await storage.close()
    await until("Its connection is closed", async () => (await connections(server)) <= before)
  })

  it("TOK-3: a lost connection ends the wait of a watcher, and the next wait opens a new connection", async () => {
    await using server = await startServer()
    await using proxy = await startProxy(server.port)
    await using storage = await open(layer(proxy))
    await using other = await open(layer(server))
    const next = await storage.watch("a")
    for (let round = 1; round <= 3; round += 1) {
      const waiting = next()
      proxy.reset()
      await waiting
      const again = next()
      await until("The channel is subscribed again", async () => (await subscribers(server, "a")) === 1)
      expect(await other.save("a", "text", round)).toBe(true)
      await again
    }
  })

  it("TOK-3: watch fails while the server is down, and succeeds once it is up", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await storage.load("a")
    await server.kill()
    storage.useShortTimeout()
    expect(await failureOf(storage.watch("a"))).toMatch(/ECONNREFUSED|ECONNRESET|EPIPE|lost|closed|no response/i)
    await server.restart()
    await until("A watch succeeds", async () => (await failureOf(storage.watch("a"))) === undefined)
    storage.useLongTimeout()
    const next = await storage.watch("a")
    await storage.save("a", "text")
    await next()
    expect(await subscribers(server, "a")).toBe(1)
  })

  it("TOK-3: a watch that is interrupted while it subscribes leaves no subscription", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await storage.load("a")
    const lasting = await storage.watch("b")
    server.signal("SIGSTOP")
    const interrupted = Effect.timeoutOption(Effect.scoped(storage.service.watch!("a")), 200)
    expect((await Effect.runPromise(interrupted))._tag).toBe("None")
    server.signal("SIGCONT")
    await storage.save("b", "text")
    await lasting()
    await until("There are no subscriptions", async () => (await subscribers(server, "a")) === 0)
  })
})

describe.skipIf(noRedis)("a user without permission to subscribe", () => {
  it("TOK-3: cannot watch, and can use all other operations", async () => {
    await using server = await startServer()
    await server.command("ACL", "SETUSER", "tokens", "on", ">secret", "~*", "resetchannels", "&other:*", "+@all")
    await using storage = await open(RedisStorage.layer({ url: `redis://tokens:secret@127.0.0.1:${server.port}` }))
    expect(await failureOf(storage.watch("a"))).toMatch(/ NOPERM$/)
    expect(await storage.load("a")).toBeUndefined()
  })
})
