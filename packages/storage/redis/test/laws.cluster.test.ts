import { type RedisCluster, startCluster } from "redis-servers"
import { afterAll, beforeAll, describe } from "vitest"
import { noRedis } from "./support/available.ts"
import { clustered } from "./support/clients.ts"
import { testStorage } from "./support/laws.ts"

describe.skipIf(noRedis)("a cluster of three masters", () => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await startCluster()
  }, 60_000)
  afterAll(() => cluster.stop())

  for (const kind of clustered) testStorage({ kind, server: () => cluster, keepers: ({ masters }) => masters })
})
