import { RedisStorage } from "@tokenkeep/storage-redis"
import { checkLifecycle } from "./lifecycle.js"
import { unique } from "./unique.js"

export const suite = ({ driver, redis, run }) => {
  const place = () => {
    const prefix = `${unique(`${run}-life`)}:`
    return () => RedisStorage.layer({ url: redis, prefix })
  }
  return checkLifecycle({ driver, place, title: "Redis" })
}
