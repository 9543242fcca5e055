import type { createClient, RedisClientOptions } from "redis"
import type { Connection } from "./connection.ts"
import { ownNodeRedis } from "./nodeRedisScripts.ts"
import { openNodeRedis, withoutReconnect } from "./nodeRedisSubscriber.ts"
import { ownConnection } from "./ownConnection.ts"
import type { Address } from "./redisUrl.ts"

/** The part of node-redis that this package uses. It is imported when a layer is built. */
export interface NodeRedis {
  readonly createClient: typeof createClient
}

/** How long an attempt to connect may take, in milliseconds. */
const connectTimeout = 5_000

const optionsOf = ({ database, host, password, port, tls, username }: Address): RedisClientOptions => ({
  socket: { host, port, connectTimeout, ...(tls ? { tls } : undefined), ...withoutReconnect },
  database,
  disableOfflineQueue: true,
  disableClientInfo: true,
  maintNotifications: "disabled",
  ...(username === undefined ? undefined : { username }),
  ...(password === undefined ? undefined : { password })
})

/** The storage's own connections to a server. */
export const urlConnection = (redis: NodeRedis, address: Address, now: () => number): Connection => {
  const create = () => {
    const client = redis.createClient(optionsOf(address))
    // For operators, who see it in CLIENT LIST. With the option `name`, redis 5 fails if the user may not set one.
    client.on("ready", () => void client.sendCommand(["CLIENT", "SETNAME", "tokenkeep"]).catch(() => undefined))
    return client
  }
  return {
    ...ownConnection(() => ownNodeRedis(create()), now),
    openSubscriber: (messages) => openNodeRedis(create(), messages)
  }
}
