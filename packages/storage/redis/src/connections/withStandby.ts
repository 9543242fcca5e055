import type { Connection } from "./connection.ts"
import type { OwnConnection } from "./ownConnection.ts"

/** A connection through the client of a user. */
export interface UserConnection extends Connection {
  readonly isSilent: () => boolean
}

/**
 * Uses a standby connection while the user's client does not respond. That client may wait for minutes until it notices
 * that its connection was dropped, and only its owner may reconnect it.
 */
export const withStandby = (primary: UserConnection, standby: OwnConnection): Connection => ({
  ready: async () => {
    const commands = await primary.ready()
    if (primary.isSilent()) return standby.ready()
    standby.rest()
    return commands
  },
  openSubscriber: primary.openSubscriber,
  close: () => {
    primary.close()
    standby.close()
  }
})
