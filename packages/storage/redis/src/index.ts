export type { IoredisClient, NodeRedisClient, NodeRedisScriptOptions, RedisClient } from "./RedisClient.ts"
export { type RedisClientStorageOptions, RedisStorage, type RedisStorageOptions } from "./RedisStorage.ts"
