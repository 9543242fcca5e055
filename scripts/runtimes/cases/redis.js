import { RedisStorage } from "@tokenkeep/storage-redis"
import { createClient } from "redis"
import { checkRedis, over } from "./redisLaws.js"

const kinds = {
  "a URL": (url, options) => RedisStorage.layer({ url, ...options }),
  "a node-redis client": (url, options) =>
    over(
      () => createClient({ url }),
      (client) => client.destroy(),
      options
    )
}

export const suite = (settings) => checkRedis(settings, kinds)
