import * as Effect from "effect/Effect"
import { type RedisServer, startServer } from "redis-servers"
import { afterAll, beforeAll, describe } from "vitest"
import { noRedis } from "./support/available.ts"
import { singleClients } from "./support/clients.ts"
import { testStorageContract } from "./support/contract.ts"

describe.skipIf(noRedis)("one server", () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  const down = () =>
    Effect.acquireRelease(
      Effect.promise(() => server.kill()),
      () => Effect.promise(() => server.restart())
    )
  for (const kind of singleClients)
    testStorageContract({ kind, server: () => server, dataServers: (only) => [only], disable: down })
})
