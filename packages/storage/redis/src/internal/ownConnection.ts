import type { createClient, RedisClientOptions } from "redis"
import type { Commands, Connection } from "./connection.ts"
import { ConnectionFault } from "./failures.ts"
import { onlyOnce, openNodeRedis } from "./nodeRedisSubscriber.ts"
import type { Address } from "./redisUrl.ts"

/** The part of node-redis that is used, imported when a layer is built. */
export interface NodeRedis {
  readonly createClient: typeof createClient
}

/**
 * A server that has not answered for so long, in milliseconds, is asked on a new connection: what lies between may have
 * forgotten this one. Whoever waits has given up before, and whoever comes next may have the use of it.
 */
const patience = 5_000

/** After a failed try the next one waits, longer each time up to the second of these, in milliseconds. */
const backOff = { first: 25, longest: 500 }

const optionsOf = ({ database, host, password, port, tls, username }: Address): RedisClientOptions => ({
  socket: { host, port, connectTimeout: patience, ...(tls ? { tls } : undefined), ...onlyOnce },
  database,
  // Operators find it in CLIENT LIST.
  name: "tokenkeep",
  disableOfflineQueue: true,
  disableClientInfo: true,
  maintNotifications: "disabled",
  ...(username === undefined ? undefined : { username }),
  ...(password === undefined ? undefined : { password })
})

/** One connection, from the try to open it to its first fault. */
interface Link {
  readonly opened: Promise<Commands>
  readonly isStalled: () => boolean
  readonly drop: () => void
}

const open = (redis: NodeRedis, address: Address, now: () => number, onEnd: () => void): Link => {
  const client = redis.createClient(optionsOf(address))
  let owed = 0
  let heard = now()
  let isOpen = true

  const drop = (): void => {
    if (!isOpen) return
    isOpen = false
    onEnd()
    // Not before the client has told whoever waits what happened.
    queueMicrotask(() => client.destroy())
  }
  client.on("error", drop)

  /** A process is kept alive by an answer that somebody waits for, and by nothing else (RUN-2). */
  const answered = async <A>(ask: () => Promise<A>): Promise<A> => {
    if (owed === 0) {
      heard = now()
      client.ref()
    }
    owed += 1
    try {
      return await ask()
    } finally {
      heard = now()
      owed -= 1
      if (owed === 0) client.unref()
    }
  }

  const commands: Commands = {
    evalSha: (sha, keys, args) => answered(() => client.evalSha(sha, { keys: [...keys], arguments: [...args] })),
    eval: (source, keys, args) => answered(() => client.eval(source, { keys: [...keys], arguments: [...args] }))
  }
  const opened = answered(() => client.connect()).then(() => commands)
  opened.catch(drop)
  return { opened, isStalled: () => owed > 0 && now() - heard > patience, drop }
}

/**
 * A connection of this adapter's own, opened when it is needed and opened anew when it is needed again after a fault: no
 * timer and no queue, and an idle process may end. `now` is in milliseconds.
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
