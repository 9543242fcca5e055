import { Redis } from "ioredis"
import { checkRedis, over } from "./redisLaws.js"

const kinds = {
  "an ioredis client": (url, options) =>
    over(
      () => new Redis(url),
      (client) => client.disconnect(),
      options
    )
}

export const suite = (settings) => checkRedis(settings, kinds)
