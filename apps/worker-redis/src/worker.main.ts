// One of several processes: reads the pages that it is told to. Its token is in the Redis that all of them use.
import { createDeeply } from "@tokenkeep/deeply"
import { RedisStorage } from "@tokenkeep/storage-redis"
import { once } from "node:events"
import type { Done, Job } from "./Job.ts"

// The key and the host are those of the environment.
await using deeply = createDeeply({
  storage: RedisStorage.layer({ url: process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379" }),
  // Better no token than one that nobody else knows of.
  storageFailure: "require"
})

const read = async (job: Job): Promise<void> => {
  const { results } = await deeply.events.list(job)
  const done: Done = { events: results.length }
  process.send?.(done)
}

process.on("message", (job: Job) => {
  read(job).catch((error: unknown) => {
    // A process that ends is what the other side has to be prepared for anyway.
    console.error(String(error))
    process.exit(1)
  })
})
await once(process, "disconnect")
