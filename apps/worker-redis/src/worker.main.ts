// One of several processes: reads the pages that it is told to. Its token is in the Redis that all of them use.
import { createDeeply, isAuthError } from "@tokenkeep/deeply"
import { RedisStorage } from "@tokenkeep/storage-redis"
import { once } from "node:events"
import type { Answer, Job } from "./Job.ts"

// The key and the host are those of the environment.
await using deeply = createDeeply({
  storage: RedisStorage.layer({ url: process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379" }),
  // Better no token than one for each process.
  storageFailure: "require"
})

const read = async (job: Job): Promise<Answer> => {
  try {
    const { results } = await deeply.events.list(job)
    return { events: results.length }
  } catch (error) {
    if (!isAuthError(error)) throw error
    return { failure: `${error.code}: ${error.message}` }
  }
}

process.on("message", (job: Job) => void read(job).then((answer) => process.send?.(answer)))
await once(process, "disconnect")
