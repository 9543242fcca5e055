import type { Connection } from "./connections/connection.ts"
import type { RedisClient } from "./RedisClient.ts"
import { makeWatchers } from "./watchers.ts"

/** A connection and its watchers. */
export interface Session extends Pick<Connection, "close" | "ready"> {
  readonly watchers: ReturnType<typeof makeWatchers>
}

export const openSession = (connection: Connection, now: () => number): Session => {
  const watchers = makeWatchers(connection.openSubscriber, now)
  return {
    ready: connection.ready,
    watchers,
    close: () => {
      watchers.close()
      connection.close()
    }
  }
}

interface Shared {
  readonly session: Session
  users: number
}

const sessions = new WeakMap<RedisClient, Shared>()

/**
 * The session of a user's client. All storages on one client share it, so the client has one set of listeners and one
 * connection for messages. It closes when the last storage closes it.
 */
export const sharedSession = (client: RedisClient, openNew: () => Session): Session => {
  const shared = sessions.get(client) ?? { session: openNew(), users: 0 }
  sessions.set(client, shared)
  shared.users += 1
  const { ready, watchers } = shared.session
  return {
    ready,
    watchers,
    close: () => {
      shared.users -= 1
      if (shared.users > 0) return
      sessions.delete(client)
      shared.session.close()
    }
  }
}
