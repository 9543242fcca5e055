/**
 * What is used of a node-redis client (`redis` on npm): one of `createClient`, `createSentinel` or `createCluster`.
 *
 * @example
 * ```ts
 * import type { NodeRedisClient } from "@tokenkeep/storage-redis"
 * import { createClient } from "redis"
 *
 * const client: NodeRedisClient = createClient()
 * console.log(client.isOpen) // => false
 * ```
 */
export interface NodeRedisClient {
  readonly isOpen: boolean
  readonly isReady: boolean
  readonly connect: () => Promise<unknown>
  readonly duplicate: () => unknown
  readonly evalSha: (sha: string, options: NodeRedisScriptOptions) => Promise<unknown>
  readonly eval: (source: string, options: NodeRedisScriptOptions) => Promise<unknown>
  readonly on: (event: string, listener: (...args: Array<any>) => void) => unknown
  readonly off: (event: string, listener: (...args: Array<any>) => void) => unknown
}

/**
 * How node-redis takes a script's keys and arguments.
 *
 * @example
 * ```ts
 * import type { NodeRedisScriptOptions } from "@tokenkeep/storage-redis"
 *
 * const options: NodeRedisScriptOptions = { keys: ["key"], arguments: [] }
 * console.log(options.keys?.length) // => 1
 * ```
 */
export interface NodeRedisScriptOptions {
  readonly keys?: Array<string>
  readonly arguments?: Array<string>
}

/**
 * What is used of an ioredis client: `new Redis(…)`, also with Sentinels, or `new Cluster(…)`.
 *
 * @example
 * ```ts
 * import type { IoredisClient } from "@tokenkeep/storage-redis"
 * import { Redis } from "ioredis"
 *
 * const client: IoredisClient = new Redis({ lazyConnect: true })
 * console.log(client.status) // => wait
 * ```
 */
export interface IoredisClient {
  readonly status: string
  readonly isCluster: boolean
  readonly connect: () => Promise<unknown>
  readonly evalsha: (sha: string, keys: number, ...args: Array<string>) => Promise<unknown>
  readonly eval: (source: string, keys: number, ...args: Array<string>) => Promise<unknown>
  readonly on: (event: string, listener: (...args: Array<any>) => void) => unknown
  readonly off: (event: string, listener: (...args: Array<any>) => void) => unknown
}

/**
 * A client of either library. Neither is imported for its type: whoever uses one needs not have the other.
 *
 * @example
 * ```ts
 * import type { RedisClient } from "@tokenkeep/storage-redis"
 * import { Cluster } from "ioredis"
 *
 * const client: RedisClient = new Cluster([{ host: "127.0.0.1", port: 6379 }], { lazyConnect: true })
 * console.log("isCluster" in client) // => true
 * ```
 */
export type RedisClient = NodeRedisClient | IoredisClient
