import type { createClient, RedisClientOptions } from "redis"
import type { Commands, Connection } from "./connection.ts"
import { destroyClient } from "./destroyClient.ts"
import { ConnectionFault } from "../failures.ts"
import { openNodeRedis, withoutReconnect } from "./nodeRedisSubscriber.ts"
import type { Address } from "./redisUrl.ts"

/** The part of node-redis that this package uses. It is imported when a layer is built. */
export interface NodeRedis {
  readonly createClient: typeof createClient
}

/**
 * After this time without a response, in milliseconds, the next caller gets a new connection, because a network device may
 * have dropped this one silently. Core stops waiting earlier.
 */
const maxWait = 5_000

/** The first and the longest pause after a failed attempt to connect, in milliseconds. It doubles each time. */
const backOff = { first: 25, longest: 500 }

const optionsOf = ({ database, host, password, port, tls, username }: Address): RedisClientOptions => ({
  socket: { host, port, connectTimeout: maxWait, ...(tls ? { tls } : undefined), ...withoutReconnect },
  database,
  // For operators, who see it in CLIENT LIST.
  name: "tokenkeep",
  disableOfflineQueue: true,
  disableClientInfo: true,
  maintNotifications: "disabled",
  ...(username === undefined ? undefined : { username }),
  ...(password === undefined ? undefined : { password })
})

/** One connection, from the attempt to open it to its first error. */
interface Link {
  readonly opened: Promise<Commands>
  readonly isStalled: () => boolean
  readonly drop: () => void
}

const open = (redis: NodeRedis, address: Address, now: () => number, onEnd: () => void): Link => {
  const client = redis.createClient(optionsOf(address))
  let pending = 0
  let lastResponse = now()
  let isOpen = true

  const drop = (): void => {
    if (!isOpen) return
    isOpen = false
    onEnd()
    destroyClient(client)
  }
  client.on("error", drop)

  /** Keeps the process alive only while a response is pending (RUN-2). */
  const keepAlive = async <A>(send: () => Promise<A>): Promise<A> => {
    if (pending === 0) {
      lastResponse = now()
      client.ref()
    }
    pending += 1
    try {
      return await send()
    } finally {
      lastResponse = now()
      pending -= 1
      if (pending === 0) client.unref()
    }
  }

  const commands: Commands = {
    evalSha: (sha, keys, args) => keepAlive(() => client.evalSha(sha, { keys: [...keys], arguments: [...args] })),
    eval: (source, keys, args) => keepAlive(() => client.eval(source, { keys: [...keys], arguments: [...args] }))
  }
  const opened = keepAlive(() => client.connect()).then(() => commands)
  opened.catch(drop)
  return { opened, isStalled: () => pending > 0 && now() - lastResponse > maxWait, drop }
}

/**
 * The storage's own connection. It is opened for the first command, and again for the first command after an error. There
 * is no timer and no queue, so an idle process can exit. `now` is in milliseconds.
 */
export const ownConnection = (redis: NodeRedis, address: Address, now: () => number): Connection => {
  let link: Link | undefined
  let failed: { readonly error: unknown; readonly until: number; readonly wait: number } | undefined
  let isClosed = false

  const connect = (): Promise<Commands> => {
    const opening = open(redis, address, now, () => {
      if (link === opening) link = undefined
    })
    link = opening
    opening.opened.then(
      () => (failed = undefined),
      (error: unknown) => {
        const wait = Math.min(failed === undefined ? backOff.first : failed.wait * 2, backOff.longest)
        failed = { error, until: now() + wait, wait }
      }
    )
    return opening.opened
  }

  return {
    ready: () => {
      if (isClosed) return Promise.reject(new ConnectionFault("the connection is closed"))
      if (link?.isStalled() === true) link.drop()
      if (link !== undefined) return link.opened
      return failed !== undefined && now() < failed.until ? Promise.reject(failed.error) : connect()
    },
    openSubscriber: (messages) => openNodeRedis(redis.createClient(optionsOf(address)), messages),
    close: () => {
      isClosed = true
      link?.drop()
    }
  }
}
