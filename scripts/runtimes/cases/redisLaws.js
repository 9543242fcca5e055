import { storageSubject } from "@tokenkeep/conformance"
import { RedisStorage } from "@tokenkeep/storage-redis"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createClient } from "redis"
import { checkLaws } from "./laws.js"
import { unique } from "./unique.js"

/** A layer over a client of the user's, who also ends it. */
export const over = (make, end, options) =>
  Layer.unwrap(
    Effect.map(
      Effect.acquireRelease(Effect.sync(make), (client) => Effect.sync(() => end(client))),
      (client) => RedisStorage.layerClient(client, options)
    )
  )

/** The laws of storages, for Redis by each way to reach it. */
export const checkRedis = async ({ redis, run }, kinds) => {
  const inspector = createClient({ url: redis })
  await inspector.connect()
  const results = []
  for (const [kind, layer] of Object.entries(kinds)) {
    const subject = storageSubject({
      title: `RedisStorage through ${kind}`,
      capabilities: { durable: true, shared: true, exclusive: true, watch: true },
      place: Effect.sync(() => unique(run)),
      open: (place) => layer(redis, { prefix: `${place}:` }),
      contents: (place) => Effect.promise(() => inspector.keys(`{${place}:*`))
    })
    results.push(...(await checkLaws(subject, { concurrency: 16 })))
  }
  inspector.destroy()
  return results
}
