import { RedisStorage } from "@tokenkeep/storage-redis"
import { Redis } from "ioredis"
import { createClient } from "redis"
import { type RedisServer, startServer, until } from "redis-servers"
import { describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { runFixture } from "./support/child.ts"
import { failureOf, open } from "./support/open.ts"

/** The number of connections to a server, without the one that runs this command. */
const connections = async (server: RedisServer): Promise<number> =>
  ((await server.command("CLIENT", "LIST")) as string).trim().split("\n").length - 1

const events = ["ready", "connect", "error", "end", "close", "reconnecting", "message"]

const ignore = (): void => undefined

describe.skipIf(noRedis)("a storage by URL", () => {
  it("RUN-2: connects for the first command, and closes its connections with the storage", async () => {
    await using server = await startServer()
    await using storage = await open(RedisStorage.layer({ url: server.url }))
    expect(await connections(server)).toBe(0)
    await storage.watch("a")
    await storage.load("a")
    expect(await connections(server)).toBe(2)
    await storage.close()
    await until("No connection is left", async () => (await connections(server)) === 0)
    expect(await failureOf(storage.load("a"))).toBe("the connection is closed")
  })

  it("RUN-2: concurrent operations share one connection, which has a name in CLIENT LIST", async () => {
    await using server = await startServer()
    await using storage = await open(RedisStorage.layer({ url: server.url }))
    await Promise.all(Array.from({ length: 50 }, (_, index) => storage.load(`${index}`)))
    expect(await connections(server)).toBe(1)
    expect(await server.command("CLIENT", "LIST")).toContain("name=tokenkeep")
  })

  it.each(["connected", "down", "stopped"])(
    "RUN-2: keeps no idle process alive while the server is %s",
    async (state) => {
      await using server = await startServer()
      if (state === "down") await server.kill()
      if (state === "stopped") server.signal("SIGSTOP")
      const { code, printed } = await runFixture(new URL("./fixtures/idle.ts", import.meta.url), [server.url])
      expect(printed.trim()).toBe(state === "connected" ? "worked" : "failed")
      expect(code).toBe(0)
      if (state === "stopped") server.signal("SIGCONT")
    }
  )

  it("RUN-2: keeps the process alive while a response is pending", async () => {
    await using server = await startServer()
    await server.command("CLIENT", "PAUSE", "500", "ALL")
    const { code, printed } = await runFixture(new URL("./fixtures/pendingCommand.ts", import.meta.url), [server.url])
    expect(printed.trim()).toBe("loaded")
    expect(code).toBe(0)
  })
})

describe.skipIf(noRedis)("a storage on the user's client", () => {
  const clients = {
    "node-redis": (url: string) => {
      const client = createClient({ url })
      return { client, connect: () => client.connect(), ping: () => client.ping(), end: () => client.destroy() }
    },
    ioredis: (url: string) => {
      const client = new Redis(url, { lazyConnect: true })
      return { client, connect: () => client.connect(), ping: () => client.ping(), end: () => client.disconnect() }
    }
  }

  it.each(Object.entries(clients))(
    "RUN-2: %s: leaves the client open, without listeners of its own, whether the user or the storage connected it",
    async (_, make) => {
      await using server = await startServer()
      for (const isConnected of [true, false]) {
        const { client, connect, end, ping } = make(server.url)
        client.on("error", ignore)
        if (isConnected) await connect()
        const before = events.map((event) => client.listenerCount(event))
        const layer = RedisStorage.layerClient(client)
        for (let round = 1; round <= 3; round += 1) {
          await using storage = await open(layer)
          await storage.watch("a")
          await Promise.all(Array.from({ length: 20 }, () => storage.load("a")))
          expect(await storage.save(`connected: ${isConnected}`, "text", round)).toBe(true)
        }
        expect(events.map((event) => client.listenerCount(event))).toEqual(before)
        expect(await ping()).toBe("PONG")
        await until("Only the user's connection is left", async () => (await connections(server)) === 1)
        end()
        await until("No connection is left", async () => (await connections(server)) === 0)
      }
    }
  )

  it.each(Object.entries(clients))(
    "RUN-2: %s: does not connect a client again that the user closed",
    async (_, make) => {
      await using server = await startServer()
      const { client, end } = make(server.url)
      await using storage = await open(RedisStorage.layerClient(client))
      await storage.save("a", "text")
      end()
      const failures = [await failureOf(storage.load("a")), await failureOf(storage.load("a"))]
      expect(failures[0]).toMatch(/^(the client was closed|the connection was lost|Connection is closed)$/)
      expect(failures[1]).toBe("the client was closed")
      expect(await connections(server)).toBe(0)
    }
  )

  it.each(Object.entries(clients))(
    "RUN-2: %s: 50 pending operations add no more listeners than one",
    async (_, make) => {
      await using server = await startServer()
      await server.kill()
      const { client, end } = make(server.url)
      const warnings: Array<Error> = []
      const remember = (warning: Error) => void warnings.push(warning)
      process.on("warning", remember)
      await using storage = await open(RedisStorage.layerClient(client))
      storage.useShortTimeout()
      const failures = await Promise.all(Array.from({ length: 50 }, () => failureOf(storage.load("a"))))
      expect(failures.every((failure) => failure !== undefined)).toBe(true)
      process.off("warning", remember)
      expect(warnings).toEqual([])
      end()
    }
  )

  it.each(Object.entries(clients))(
    "RUN-2: %s: 20 storages share one set of listeners and one connection for messages, until the last one closes",
    async (_, make) => {
      await using server = await startServer()
      const { client, end } = make(server.url)
      client.on("error", ignore)
      const before = events.map((event) => client.listenerCount(event))
      const warnings: Array<Error> = []
      const remember = (warning: Error) => void warnings.push(warning)
      process.on("warning", remember)
      const storages = await Promise.all(
        Array.from({ length: 20 }, (__, index) =>
          open(RedisStorage.layerClient(client, { prefix: `tenant-${index}:` }))
        )
      )
      const waits = await Promise.all(storages.map((storage) => storage.watch("a")))
      expect(await connections(server)).toBe(2)
      for (const [index, storage] of storages.entries()) {
        expect(await storage.save("a", `of tenant ${index}`)).toBe(true)
        await waits[index]?.()
        // The others go on.
        if (index < 19) await storage.close()
      }
      expect(await storages[19]?.load("a")).toBe("of tenant 19")
      await storages[19]?.close()
      process.off("warning", remember)
      expect(warnings).toEqual([])
      expect(events.map((event) => client.listenerCount(event))).toEqual(before)
      await until("Only the user's connection is left", async () => (await connections(server)) === 1)
      end()
    }
  )
})
