import { findRedis } from "../test/redis/src/findRedis.ts"
import { aptInstall } from "./apt.ts"

const howTo =
  "No Redis: the suites of storage-redis and the examples that need one are skipped. To run them, put valkey-server or " +
  "redis-server on the PATH (apt-get install redis-server, brew install valkey)."

/** The path of a Redis server, which is installed if possible. Without one, prints how to get it. */
export const provideRedis = async (): Promise<string | undefined> => {
  const found = findRedis()
  if (found !== undefined) return found
  await aptInstall(["redis-server"], "for the suites that need it")
  const installed = findRedis()
  if (installed === undefined) console.log(howTo)
  return installed
}
