import { createClient } from "redis"
import * as Lowest from "redis-lowest"
import { type RedisServer, startServer } from "redis-servers"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { noRedis } from "./support/available.ts"
import { singleClients } from "./support/clients.ts"
import { testStorageContract } from "./support/contract.ts"

// The oldest node-redis of the peer range; the other tests run on the newest.
vi.mock("redis", () => import("redis-lowest"))

describe.skipIf(noRedis)("the oldest node-redis of the peer range", () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  it("is the client under test", () => {
    expect(createClient).toBe(Lowest.createClient)
  })

  const down = () =>
    Effect.acquireRelease(
      Effect.promise(() => server.kill()),
      () => Effect.promise(() => server.restart())
    )
  for (const kind of singleClients.filter(({ title }) => !title.includes("ioredis"))) {
    testStorageContract({ kind, server: () => server, dataServers: (only) => [only], disable: down })
  }
})
