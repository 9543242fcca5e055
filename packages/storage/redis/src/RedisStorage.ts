import { checkOptions, TokenkeepError, TokenStorage } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Connection } from "./connections/connection.ts"
import { ioredisConnection } from "./connections/ioredisConnection.ts"
import { checkPrefix, namesFor } from "./names.ts"
import { nodeRedisConnection } from "./connections/nodeRedisConnection.ts"
import { redisStorage } from "./makeStorage.ts"
import { addressOf } from "./connections/redisUrl.ts"
import { type NodeRedis, urlConnection } from "./connections/urlConnection.ts"
import { openSession, sharedSession } from "./session.ts"
import type { IoredisClient, NodeRedisClient, RedisClient } from "./RedisClient.ts"

/**
 * The options of both layers of {@link RedisStorage}.
 *
 * @example
 * ```ts
 * import type { RedisClientStorageOptions } from "@tokenkeep/storage-redis"
 *
 * const options: RedisClientStorageOptions = { prefix: "staging:tokens:" }
 * console.log(options.prefix) // => staging:tokens:
 * ```
 */
export interface RedisClientStorageOptions {
  /** The start of every key and channel, after a brace: `"tokenkeep:"` by default. It must not contain braces. */
  readonly prefix?: string | undefined
}

/**
 * The options of `RedisStorage.layer`.
 *
 * @example
 * ```ts
 * import type { RedisStorageOptions } from "@tokenkeep/storage-redis"
 *
 * const options: RedisStorageOptions = { url: "rediss://tokens.test" }
 * console.log(options.url) // => rediss://tokens.test
 * ```
 */
export interface RedisStorageOptions extends RedisClientStorageOptions {
  /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
  readonly url: string | URL
}

const invalid = (option: string, what: string, fix: string) =>
  TokenkeepError.of({ _tag: "ConfigInvalid", option }, { what, fix })

const notInstalled = () =>
  invalid(
    "storage",
    "RedisStorage.layer needs the package redis, which cannot be loaded.",
    "Install it (npm install redis), or pass your own client to RedisStorage.layerClient."
  )

/** A missing package is a mistake in the application, not a temporary failure, so building the layer dies. */
const importNodeRedis: Effect.Effect<NodeRedis> = Effect.orDie(
  Effect.tryPromise({ try: () => import("redis"), catch: notInstalled })
)

const nowMillis = Effect.map(Clock.Clock, (clock) => () => clock.currentTimeMillisUnsafe())

const prefixCheck = { prefix: (_: string, value?: string) => checkPrefix(value) }

const layer = (options: RedisStorageOptions): Layer.Layer<TokenStorage> => {
  const checks = { url: (_: string, value: string | URL) => addressOf(value), ...prefixCheck }
  const { prefix, url: address } = checkOptions(options, checks)
  const namesOf = namesFor(prefix)
  const make = Effect.gen(function* () {
    const now = yield* nowMillis
    const redis = yield* importNodeRedis
    return yield* redisStorage(openSession(urlConnection(redis, address, now), now), namesOf)
  })
  return Layer.effect(TokenStorage, make)
}

const has = (client: object, name: string): boolean => typeof (client as Record<string, unknown>)[name] === "function"

/** Pools, which may send a release on another connection than the lease, and legacy clients have neither of the two. */
const isNodeRedis = (client: object): client is NodeRedisClient =>
  has(client, "evalSha") && ("isReady" in client || has(client, "nodeClient"))
const isIoredis = (client: object): client is IoredisClient => has(client, "evalsha") && "status" in client

const connectionOf = (client: RedisClient): ((now: () => number) => Connection) => {
  if (typeof client === "object" && client !== null) {
    if (isNodeRedis(client)) return (now) => nodeRedisConnection(client, now)
    if (isIoredis(client)) return (now) => ioredisConnection(client, now)
  }
  throw invalid(
    "client",
    "RedisStorage.layerClient cannot use its argument as a client.",
    "Pass the result of createClient, createSentinel or createCluster from redis, but not of createClientPool or legacy, or a Redis or Cluster from ioredis."
  )
}

const layerClient = (client: RedisClient, options: RedisClientStorageOptions = {}): Layer.Layer<TokenStorage> => {
  const namesOf = namesFor(checkOptions(options, prefixCheck).prefix)
  const connect = connectionOf(client)
  const make = Effect.gen(function* () {
    const now = yield* nowMillis
    const session = sharedSession(client, () => openSession(connect(now), now))
    return yield* redisStorage(session, namesOf)
  })
  return Layer.effect(TokenStorage, make)
}

/**
 * Stores tokens in Redis or Valkey. All processes and hosts that use one server share the token, and one of them renews
 * it.
 *
 * - `RedisStorage.layer({ url, prefix? })` connects with node-redis (`npm install redis`) for the first command. It throws
 *   `CONFIG_INVALID` if the URL or the prefix is not valid. If `redis` is not installed, building the layer dies with
 *   `CONFIG_INVALID`.
 * - `RedisStorage.layerClient(client, { prefix? })` uses your node-redis or ioredis client: single, Sentinel or Cluster,
 *   connected or not. You close it yourself. The storage opens a second connection for messages, with the options of your
 *   client. It throws `CONFIG_INVALID` for any other argument.
 *
 * @example
 * ```ts
 * import { createDeeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import { RedisStorage } from "@tokenkeep/storage-redis"
 * import { Redis } from "ioredis"
 *
 * const url = process.env.REDIS_URL ?? "redis://localhost:6379"
 * const client = new Redis(url)
 * {
 *   await using server = await startFakeDeeply()
 *   const options = { apiKey: server.apiKey, host: server.host }
 *   await using first = createDeeply({ ...options, storage: RedisStorage.layer({ url }) })
 *   await using second = createDeeply({ ...options, storage: RedisStorage.layerClient(client) })
 *   console.log((await first.token()).id === (await second.token()).id) // => true
 *   console.log(server.stats.issued) // => 1
 * }
 * await client.quit()
 * ```
 */
export const RedisStorage = { layer, layerClient }
