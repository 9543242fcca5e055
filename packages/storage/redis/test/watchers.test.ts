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

/** How many subscriptions were sent to a server, and ended. */
const subscriptions = async (server: RedisServer): Promise<string> =>
  ((await server.command("INFO", "commandstats")) as string)
    .split("\n")
    .map((line) => /^cmdstat_(?:un)?subscribe:calls=\d+/.exec(line)?.[0])
    .join("")

/** The number of connections to a server, without the one that runs this command. */
const connections = async (server: RedisServer): Promise<number> =>
  ((await server.command("CLIENT", "LIST")) as string).trim().split("\n").length - 1

describe.skipIf(noRedis).concurrent.each(singleClients)("through $title", ({ layer }) => {
  it("TOK-3: all watchers share one connection, and one subscription for each name, which is kept for the next watcher", async () => {
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
    const sent = await subscriptions(server)
    for (const scope of scopes) await scope.close()
    const next = await storage.watch("a")
    await storage.save("a", "text")
    await next()
    expect(await subscriptions(server)).toBe(sent)
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

  it("TOK-3: a watch right after one that gave up without a message is woken", async () => {
    await using server = await startServer()
    await using storage = await open(layer(server))
    await Effect.runPromise(
      Effect.scoped(Effect.flatMap(storage.service.watch!("a"), (next) => Effect.timeoutOption(next, 10)))
    )
    const next = await storage.watch("a")
    await storage.load("a")
    expect(await subscribers(server, "a")).toBe(1)
    await storage.save("a", "text")
    await next()
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

describe.skipIf(noRedis)("the subscriptions of a storage", () => {
  it("TOK-3: one that stays silent while its watcher gives up a wait is not kept", async () => {
    await using server = await startServer()
    await using storage = await open(RedisStorage.layer({ url: server.url }))
    const watchAndWait = Effect.scoped(
      Effect.gen(function* () {
        const next = yield* storage.service.watch!("a")
        expect(yield* Effect.promise(() => subscribers(server, "a"))).toBe(1)
        yield* Effect.timeoutOption(next, 10)
      })
    )
    await Effect.runPromise(watchAndWait)
    await until("The subscription ends", async () => (await subscribers(server, "a")) === 0)
    await Effect.runPromise(watchAndWait)
  })

  it("STO-6: those of a thousand names without a watcher are kept", async () => {
    await using server = await startServer()
    await using storage = await open(RedisStorage.layer({ url: server.url }))
    const names = Array.from({ length: 1_002 }, (_, index) => `name-${index}`)
    for (const name of names) await Effect.runPromise(Effect.asVoid(Effect.scoped(storage.service.watch!(name))))
    await until("Two subscriptions end", async () => {
      const channels = (await server.command("PUBSUB", "CHANNELS")) as Array<string>
      return channels.length === 1_000
    })
    expect(await subscribers(server, "name-1")).toBe(0)
    expect(await subscribers(server, "name-2")).toBe(1)
  })

  it("TOK-3: a quiet save wakes no watcher", async () => {
    await using server = await startServer()
    await using storage = await open(RedisStorage.layer({ url: server.url }))
    const next = await storage.watch("a")
    let wakes = 0
    const woken = next().then(() => (wakes += 1))
    await Effect.runPromise(storage.service.save("a", { text: "claim", fence: 1 }, true))
    // On the same connection as the messages, so a message would have arrived before the response.
    await storage.watch("b")
    expect(wakes).toBe(0)
    expect(await storage.load("a")).toBe("claim")
    await storage.save("a", "token")
    await woken
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
