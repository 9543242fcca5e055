interface NodeRedisCommands {
  readonly isOpen: boolean
  readonly connect: () => Promise<unknown>
  readonly evalSha: (sha: string, options: NodeRedisScriptOptions) => Promise<unknown>
  readonly eval: (source: string, options: NodeRedisScriptOptions) => Promise<unknown>
  readonly on: (event: string, listener: (...args: Array<any>) => void) => unknown
  readonly off: (event: string, listener: (...args: Array<any>) => void) => unknown
}

/**
 * The part of a node-redis client (`redis` on npm) that the storage uses. `createClient`, `createSentinel` and
 * `createCluster` return one. Older Clusters do not have `isReady`; pools do not have either of the last two members.
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
export type NodeRedisClient = NodeRedisCommands &
  ({ readonly isReady: boolean } | { readonly nodeClient: (...args: Array<any>) => unknown })

/**
 * The keys and arguments of a script, as node-redis accepts them.
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
 * The part of an ioredis client that the storage uses: `new Redis(…)`, with or without Sentinels, or `new Cluster(…)`.
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
 * A client of either library. This type imports neither, so you need to install only the one that you use.
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
