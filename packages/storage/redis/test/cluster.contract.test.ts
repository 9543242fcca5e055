import { type RedisCluster, startCluster } from "redis-servers"
import { afterAll, beforeAll, describe } from "vitest"
import { noRedis } from "./support/available.ts"
import { clusterClients } from "./support/clients.ts"
import { testStorageContract } from "./support/contract.ts"

describe.skipIf(noRedis)("a cluster of three masters", () => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await startCluster()
  }, 60_000)
  afterAll(() => cluster.stop())

  for (const kind of clusterClients)
    testStorageContract({ kind, server: () => cluster, dataServers: ({ masters }) => masters })
})
