import { createDeeply } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { RedisStorage } from "@tokenkeep/storage-redis"
import { type RedisServer, startServer, until } from "redis-servers"
import { describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"

/** How many scripts a server has run since its statistics were reset. */
const scriptsRun = async (server: RedisServer): Promise<number> => {
  const stats = (await server.command("INFO", "commandstats")) as string
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0)
}

describe.skipIf(noRedis)("the README's number of commands", () => {
  it("TOK-3: a renewal sends six, and adopting another process's token sends one", async () => {
    await using redis = await startServer()
    await using server = await startFakeDeeply()
    const { apiKey, host } = server
    await using deeply = createDeeply({ apiKey, host, storage: RedisStorage.layer({ url: redis.url }) })
    await using other = createDeeply({ apiKey, host, storage: RedisStorage.layer({ url: redis.url }) })
    await deeply.token()
    await other.token()
    await until("The lease is released", async () => (await redis.command("KEYS", "*:lock")) + "" === "")

    await redis.command("CONFIG", "RESETSTAT")
    server.revokeTokens()
    await deeply.fetch("/api/v1/mics")
    await until("The lease is released", async () => (await redis.command("KEYS", "*:lock")) + "" === "")
    expect(await scriptsRun(redis)).toBe(6)

    await redis.command("CONFIG", "RESETSTAT")
    await other.fetch("/api/v1/mics")
    expect(await scriptsRun(redis)).toBe(1)
    expect(server.stats.issued).toBe(2)
  })
})
