// Before 5.1, ioredis exports its single client only as the default.
import Redis from "ioredis"
import { checkRedis, layerOver } from "./redis.js"

const overIoredis = (url, options) =>
  layerOver(
    () => new Redis(url),
    (client) => client.disconnect(),
    options
  )

export const ioredis = (settings) => checkRedis(settings, "an ioredis client", overIoredis)
