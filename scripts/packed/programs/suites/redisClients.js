// What differs between the versions of the clients: Clusters, and errors that no caller can catch while no server listens.
import { TokenStorage } from "@tokenkeep/core"
import { createDeeply } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { RedisStorage } from "@tokenkeep/storage-redis"
import * as Effect from "effect/Effect"
import Redis, { Cluster } from "ioredis"
import { createClient, createCluster } from "redis"
import { outcomeOf, rejection, same } from "./checks.js"

const ignore = () => undefined
const disconnect = (client) => client.disconnect()
const destroy = (client) => client.isOpen && client.destroy()

const useStorage = (layer, use) =>
  Effect.runPromise(Effect.scoped(Effect.provide(Effect.flatMap(TokenStorage, use), layer)))

const clusterClients = {
  "a node-redis cluster": {
    make: (nodes) => createCluster({ rootNodes: nodes.map((socket) => ({ socket })) }),
    end: destroy
  },
  "an ioredis cluster": { make: (nodes) => new Cluster(nodes), end: disconnect }
}

/** The keys of these names are on different nodes. */
const names = Array.from({ length: 6 }, (_, index) => `name-${index}`)

const useName = (storage, name) =>
  Effect.gen(function* () {
    const changed = yield* storage.watch(name)
    const lease = yield* storage.acquireLease(name, { owner: "first", millis: 10_000 })
    const other = yield* storage.acquireLease(name, { owner: "second", millis: 10_000 })
    same([lease._tag, other._tag], ["Lease", "LeaseTaken"])
    same(yield* storage.save(name, { text: name, fence: lease.fence }), true)
    yield* changed
    same((yield* storage.load(name)).text, name)
    yield* lease.release
  })

const shareInCluster = async ({ end, make }, nodes) => {
  const client = make(nodes)
  const layer = RedisStorage.layerClient(client, { prefix: `${crypto.randomUUID()}:` })
  // All at once, while the client connects.
  await useStorage(layer, (storage) =>
    Effect.forEach(names, (name) => useName(storage, name), { concurrency: "unbounded" })
  )
  end(client)
}

// No server listens on this port.
const url = "redis://127.0.0.1:1"

const clientsOfNoServer = {
  "a URL": () => ({ layer: RedisStorage.layer({ url }), end: ignore }),
  "a node-redis client": () => {
    const client = createClient({ url })
    return { layer: RedisStorage.layerClient(client), end: () => destroy(client) }
  },
  "an ioredis client": () => {
    const client = new Redis(url, { lazyConnect: true })
    return { layer: RedisStorage.layerClient(client), end: () => disconnect(client) }
  }
}

const fails = (operation) =>
  Effect.map(Effect.flip(operation), ({ _tag, detail }) =>
    same([_tag, detail], ["StorageFailure", "Error ECONNREFUSED"])
  )

const failTwice = (storage) =>
  Effect.gen(function* () {
    for (let round = 0; round < 2; round += 1) {
      yield* fails(storage.load("a"))
      yield* fails(storage.watch("a"))
      // Long enough for the storage to connect again, instead of failing with the previous error.
      yield* Effect.sleep(100)
    }
  })

const failWithCode = async (storage) => {
  const server = await startFakeDeeply()
  const { apiKey, host } = server
  const deeply = createDeeply({ apiKey, host, storage, storageFailure: "require", storageGrace: 200 })
  same((await rejection(deeply.token())).code, "STORAGE_FAILED")
  await deeply.dispose()
  await server.close()
}

export const redisClients = async ({ cluster }) => {
  const outcomes = []
  for (const [kind, client] of Object.entries(clusterClients)) {
    outcomes.push(await outcomeOf(`TOK-3 through ${kind}`, () => shareInCluster(client, cluster)))
  }
  for (const [kind, make] of Object.entries(clientsOfNoServer)) {
    const { end, layer } = make()
    outcomes.push(await outcomeOf(`STO-2 ${kind} of no server`, () => useStorage(layer, failTwice)))
    outcomes.push(await outcomeOf(`STO-2 a token through ${kind} of no server`, () => failWithCode(layer)))
    end()
  }
  // An error that no caller can catch would end the process before it prints the outcomes.
  await Effect.runPromise(Effect.sleep(200))
  return outcomes
}
