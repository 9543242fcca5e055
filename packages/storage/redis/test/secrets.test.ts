import type { StorageFailure } from "@tokenkeep/core"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import { RedisStorage } from "@tokenkeep/storage-redis"
import * as Effect from "effect/Effect"
import { Cluster, Redis } from "ioredis"
import { createClient, createCluster } from "redis"
import { startServer } from "redis-servers"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { noRedis } from "./support/available.ts"
import { open } from "./support/open.ts"

const password = "p4ssw0rd-7f3a9c"
const record = "t0ken-5d1e88"
const ignore = (): void => undefined

const printed = (error: unknown): string =>
  [
    inspect(error, { depth: 12, showHidden: true }),
    String(error),
    JSON.stringify(error),
    String((error as Error).stack)
  ].join("\n")

describe.skipIf(noRedis)("failures", () => {
  it("SEC-1: contain no URL, no password, no record and no error of a client", async () => {
    await using server = await startServer()
    await server.command(
      "ACL",
      "SETUSER",
      "tokens",
      "on",
      `>${password}`,
      "~*",
      "&*",
      "+@all",
      "-set",
      "-del",
      "-subscribe"
    )
    const url = `redis://tokens:${password}@127.0.0.1:${server.port}`
    const wrong = `redis://tokens:${password}x@127.0.0.1:${server.port}`
    const user = { username: "tokens", password }
    const nodeRedis = [createClient({ url }), createClient({ url: wrong })]
    const ioredis = [new Redis(url), new Redis(wrong)]
    const nodeCluster = createCluster({ rootNodes: [{ url }], defaults: user })
    const ioCluster = new Cluster([{ host: "127.0.0.1", port: server.port }], {
      redisOptions: user,
      clusterRetryStrategy: () => 100
    })
    for (const client of [...nodeRedis, ...ioredis, nodeCluster, ioCluster]) client.on("error", ignore)
    const layers = [
      RedisStorage.layer({ url }),
      RedisStorage.layer({ url: wrong }),
      ...[...nodeRedis, ...ioredis, nodeCluster, ioCluster].map((client) => RedisStorage.layerClient(client))
    ]

    const failures: Array<StorageFailure> = []
    const fails = async (operation: Effect.Effect<unknown, StorageFailure>) => {
      const result = await Effect.runPromise(Effect.result(Effect.timeoutOption(operation, 1_000)))
      if (result._tag === "Failure") failures.push(result.failure)
    }
    const failAll = () =>
      Promise.all(
        layers.map(async (layer) => {
          await using storage = await open(layer)
          const { acquireLease, exclusive, load, remove, save, watch } = storage.service
          await fails(load("a"))
          await fails(save("a", { text: record, fence: 1 }))
          await fails(remove("a"))
          await fails(acquireLease!("a", { owner: "owner", millis: 1_000 }))
          await fails(Effect.scoped(watch!("a")))
          await fails(exclusive!.load("a"))
          await fails(exclusive!.replace("a", { expected: undefined, record: { version: "1", text: record } }))
        })
      )
    await failAll()
    await server.kill()
    await failAll()

    for (const client of nodeRedis) client.destroy()
    for (const client of ioredis) client.disconnect()
    ioCluster.disconnect()
    expect(failures.length).toBeGreaterThan(20)
    const details = new Set(failures.map(({ detail }) => detail))
    expect(Array.from(details).filter((detail) => /^(Error|object|string|undefined)$/.test(detail))).toEqual([])
    for (const failure of failures) {
      assertNoSecrets(printed(failure), [password, record])
      expect(printed(failure)).not.toContain("127.0.0.1")
      expect(
        Object.keys(failure).filter((field) => !["operation", "detail", "retryable", "_tag"].includes(field))
      ).toEqual([])
    }
  })
})
