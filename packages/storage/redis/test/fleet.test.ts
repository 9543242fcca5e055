import { createDeeply, type DeeplyClient } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { type RedisServer, startServer, until } from "redis-servers"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { single } from "./support/clients.ts"

const clients = 8
const callers = 25

describe.skipIf(noRedis).each(single)("eight clients, each with $title", { timeout: 60_000 }, ({ layer }) => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  it("TOK-3: share one issue call an expiry, and go on while Redis is down", async () => {
    await using deeply = await startFakeDeeply({ issueLatency: 50, rateLimits: false })
    const { apiKey, host } = deeply
    const fleet = Array.from({ length: clients }, () => createDeeply({ apiKey, host, storage: layer(server) }))
    const call = async (client: DeeplyClient) => (await client.fetch("/api/v1/events")).status
    const callAll = async () => {
      const statuses = await Promise.all(fleet.flatMap((client) => Array.from({ length: callers }, () => call(client))))
      return new Set(statuses)
    }
    try {
      expect(await callAll()).toEqual(new Set([200]))
      expect(deeply.stats.issued).toBe(1)
      for (let expiry = 1; expiry <= 3; expiry += 1) {
        deeply.expireTokens()
        expect(await callAll()).toEqual(new Set([200]))
        expect(deeply.stats.issued).toBe(1 + expiry)
      }

      await server.kill()
      expect(await callAll()).toEqual(new Set([200]))
      expect(deeply.stats.issued).toBe(4)

      await server.restart()
      const before = deeply.stats.issued
      await until("They share a token again", async () => {
        deeply.expireTokens()
        const issued = deeply.stats.issued
        await callAll()
        return deeply.stats.issued === issued + 1
      })
      expect(deeply.stats.issued).toBeGreaterThan(before)
    } finally {
      await Promise.all(fleet.map((client) => client.dispose()))
    }
  })
})
