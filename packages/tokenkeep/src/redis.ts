import {
  type RedisClient,
  type RedisClientStorageOptions,
  RedisStorage as Redis,
  type RedisStorageOptions
} from "@tokenkeep/storage-redis"
import { storages, type TokenStorage } from "./TokenStorage.ts"

export type {
  IoredisClient,
  NodeRedisClient,
  NodeRedisScriptOptions,
  RedisClient,
  RedisClientStorageOptions,
  RedisStorageOptions
} from "@tokenkeep/storage-redis"

/**
 * Stores tokens in Redis or Valkey. All processes and hosts that use the same server share one token.
 *
 * - `RedisStorage.layer({ url, prefix? })` opens its own connection at the first use. Needs the package `redis`.
 * - `RedisStorage.layerClient(client, { prefix? })` uses your node-redis or ioredis client and never closes it.
 *
 * Both throw `CONFIG_INVALID` for options that cannot work.
 *
 * @example
 * ```ts
 * import { Redis } from "ioredis"
 * import { createDeeply } from "tokenkeep"
 * import { RedisStorage } from "tokenkeep/redis"
 * import { startFakeDeeply } from "tokenkeep/testing"
 *
 * const url = process.env.REDIS_URL ?? "redis://localhost:6379"
 * const client = new Redis(url)
 * {
 *   await using server = await startFakeDeeply()
 *   const options = { apiKey: server.apiKey, host: server.host }
 *   await using first = createDeeply({ ...options, storage: RedisStorage.layer({ url }) })
 *   await using second = createDeeply({ ...options, storage: RedisStorage.layerClient(client) })
 *   console.log((await first.token()).id === (await second.token()).id) // => true
 * }
 * await client.quit()
 * ```
 */
export const RedisStorage = {
  layer: (options: RedisStorageOptions): TokenStorage => storages.hide(Redis.layer(options)),
  layerClient: (client: RedisClient, options?: RedisClientStorageOptions): TokenStorage =>
    storages.hide(Redis.layerClient(client, options))
}
