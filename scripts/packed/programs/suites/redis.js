import { storageContract } from "@tokenkeep/conformance"
import { RedisStorage } from "@tokenkeep/storage-redis"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createClient } from "redis"
import { checkContract } from "./contract.js"
import { checkLifecycle } from "./lifecycle.js"

/** A layer over a client that the user makes and ends. */
export const layerOver = (make, end, options) =>
  Layer.unwrap(
    Effect.map(
      Effect.acquireRelease(Effect.sync(make), (client) => Effect.sync(() => end(client))),
      (client) => RedisStorage.layerClient(client, options)
    )
  )

export const checkRedis = async ({ concurrency, redis: url }, kind, layer) => {
  const inspector = createClient({ url })
  await inspector.connect()
  const outcomes = await checkContract(
    storageContract({
      name: `RedisStorage through ${kind}`,
      capabilities: { durable: true, shared: true, acquireLease: true, watch: true, exclusive: true },
      makeLocation: Effect.sync(() => crypto.randomUUID()),
      open: (place) => layer(url, { prefix: `${place}:` }),
      contents: (place) => Effect.promise(() => inspector.keys(`{${place}:*`))
    }),
    concurrency
  )
  inspector.destroy()
  return outcomes
}

const overNodeRedis = (url, options) =>
  layerOver(
    () => createClient({ url }),
    // Before 6, destroying a client that is not open throws an error.
    (client) => client.isOpen && client.destroy(),
    options
  )

export const redis = async (settings) => [
  ...(await checkRedis(settings, "a URL", (url, options) => RedisStorage.layer({ url, ...options }))),
  ...(await checkRedis(settings, "a node-redis client", overNodeRedis))
]

export const lifeInRedis = ({ driver, redis: url }) => {
  const place = () => {
    const prefix = `${crypto.randomUUID()}:`
    return () => RedisStorage.layer({ url, prefix })
  }
  return checkLifecycle({ driver, place, title: "Redis" })
}
