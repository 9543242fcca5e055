import type { TokenStorage } from "@tokenkeep/core"
import { RedisStorage, type RedisClient, type RedisClientStorageOptions } from "@tokenkeep/storage-redis"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Cluster, Redis } from "ioredis"
import { createClient, createCluster, createSentinel } from "redis"
import type { RedisCluster, RedisSentinel } from "redis-servers"

/** One way in which a user connects a storage to a server. */
export interface Kind<Server> {
  readonly title: string
  readonly layer: (server: Server, options?: RedisClientStorageOptions) => Layer.Layer<TokenStorage>
}

interface Endpoint {
  readonly port: number
  readonly url: string
}

/** A layer over the client of a user, who closes it after the layer. */
const overClient = <Client extends RedisClient>(
  options: RedisClientStorageOptions | undefined,
  make: () => Client,
  end: (client: Client) => unknown
): Layer.Layer<TokenStorage> =>
  Layer.unwrap(
    Effect.map(
      Effect.acquireRelease(Effect.sync(make), (client) => Effect.sync(() => void end(client))),
      (client) => RedisStorage.layerClient(client, options)
    )
  )

interface Destroyable {
  readonly destroy: () => unknown
}

const destroy = (client: Destroyable): unknown => client.destroy()
const disconnect = (client: Cluster | Redis): void => client.disconnect()

const hosts = (servers: ReadonlyArray<Endpoint>) => servers.map(({ port }) => ({ host: "127.0.0.1", port }))

/** One server. */
export const singleClients: ReadonlyArray<Kind<Endpoint>> = [
  { title: "a URL", layer: ({ url }, options) => RedisStorage.layer({ url, ...options }) },
  {
    title: "a node-redis client",
    layer: ({ url }, options) => overClient(options, () => createClient({ url }), destroy)
  },
  { title: "an ioredis client", layer: ({ url }, options) => overClient(options, () => new Redis(url), disconnect) }
]

/** A Cluster. */
export const clusterClients: ReadonlyArray<Kind<RedisCluster>> = [
  {
    title: "a node-redis cluster",
    layer: ({ masters }, options) =>
      overClient(options, () => createCluster({ rootNodes: masters.map(({ url }) => ({ url })) }), destroy)
  },
  {
    title: "an ioredis cluster",
    layer: ({ masters }, options) => overClient(options, () => new Cluster(hosts(masters)), disconnect)
  }
]

/** A primary with Sentinels. */
export const sentinelClients: ReadonlyArray<Kind<RedisSentinel>> = [
  {
    title: "a node-redis client with Sentinels",
    layer: ({ name, sentinels }, options) =>
      overClient(options, () => createSentinel({ name, sentinelRootNodes: hosts(sentinels) }), destroy)
  },
  {
    title: "an ioredis client with Sentinels",
    layer: ({ name, sentinels }, options) =>
      overClient(options, () => new Redis({ name, sentinels: hosts(sentinels) }), disconnect)
  }
]
