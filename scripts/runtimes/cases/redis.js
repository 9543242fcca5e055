import { storageSubject } from "@tokenkeep/conformance"
import { RedisStorage } from "@tokenkeep/storage-redis"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Redis } from "ioredis"
import { createClient } from "redis"
import { checkLaws } from "./laws.js"
import { unique } from "./unique.js"

/** A layer over a client of the user's, who also ends it. */
const over = (make, end, options) =>
  Layer.unwrap(
    Effect.map(
      Effect.acquireRelease(Effect.sync(make), (client) => Effect.sync(() => end(client))),
      (client) => RedisStorage.layerClient(client, options)
    )
  )

const kinds = {
  "a URL": (url, options) => RedisStorage.layer({ url, ...options }),
  "a node-redis client": (url, options) =>
    over(
      () => createClient({ url }),
      (client) => client.destroy(),
      options
    ),
  "an ioredis client": (url, options) =>
    over(
      () => new Redis(url),
      (client) => client.disconnect(),
      options
    )
}

/** The laws of storages, for Redis by each way to reach it. */
export const suite = async ({ redis, run }) => {
  const inspector = createClient({ url: redis })
  await inspector.connect()
  const results = []
  for (const [kind, layer] of Object.entries(kinds)) {
    const subject = storageSubject({
      title: `RedisStorage through ${kind}`,
      capabilities: { durable: true, shared: true, exclusive: true, watch: true },
      place: Effect.sync(() => unique(`${run}-${kind.replaceAll(" ", "-")}`)),
      open: (prefix) => layer(redis, { prefix: `${prefix}:` }),
      contents: (prefix) => Effect.promise(() => inspector.keys(`{${prefix}:*`))
    })
    results.push(...(await checkLaws(subject, { concurrency: 8 })))
  }
  inspector.destroy()
  return results
}
