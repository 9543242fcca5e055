import { type RedisSentinel, startSentinel } from "redis-servers"
import { afterAll, beforeAll, describe } from "vitest"
import { noRedis } from "./support/available.ts"
import { watched } from "./support/clients.ts"
import { testStorage } from "./support/laws.ts"

describe.skipIf(noRedis)("a primary that Sentinels watch over", () => {
  let sentinel: RedisSentinel
  beforeAll(async () => {
    sentinel = await startSentinel({ replicas: 1 })
  }, 60_000)
  afterAll(() => sentinel.stop())

  for (const kind of watched) {
    testStorage({ kind, server: () => sentinel, keepers: ({ servers }) => servers.slice(0, 1) })
  }
})
