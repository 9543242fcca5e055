import * as Effect from "effect/Effect"
import { type RedisServer, startServer } from "redis-servers"
import { afterAll, beforeAll, describe } from "vitest"
import { noRedis } from "./support/available.ts"
import { single } from "./support/clients.ts"
import { testStorage } from "./support/laws.ts"

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
  for (const kind of single) testStorage({ kind, server: () => server, keepers: (only) => [only], breaks: down })
})
