// One of several processes that share a token through Redis. It reads the pages that its parent sends.
import { createDeeply, isTokenkeepError } from "@tokenkeep/deeply"
import { RedisStorage } from "@tokenkeep/storage-redis"
import { once } from "node:events"
import type { Job, JobResult } from "./messages.ts"

// The client reads DEEPLY_API_KEY and DEEPLY_HOST.
await using deeply = createDeeply({
  storage: RedisStorage.layer({ url: process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379" }),
  // Without Redis, fail instead of fetching a token for each process.
  storageFailure: "require"
})

const readPage = async (job: Job): Promise<JobResult> => {
  try {
    const { results } = await deeply.events.list(job)
    return { events: results.length }
  } catch (error) {
    if (!isTokenkeepError(error)) throw error
    return { failure: `${error.code}: ${error.message}` }
  }
}

process.on("message", (job: Job) => void readPage(job).then((result) => process.send?.(result)))
await once(process, "disconnect")
