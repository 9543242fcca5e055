import { type RedisSentinel, startSentinel } from "redis-servers"
import { afterAll, beforeAll, describe } from "vitest"
import { noRedis } from "./support/available.ts"
import { sentinelClients } from "./support/clients.ts"
import { testStorageContract } from "./support/contract.ts"

describe.skipIf(noRedis)("a primary with Sentinels", () => {
  let sentinel: RedisSentinel
  beforeAll(async () => {
    sentinel = await startSentinel({ replicas: 1 })
  }, 60_000)
  afterAll(() => sentinel.stop())

  for (const kind of sentinelClients) {
    testStorageContract({ kind, server: () => sentinel, dataServers: ({ servers }) => servers.slice(0, 1) })
  }
})
