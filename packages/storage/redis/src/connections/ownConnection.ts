import { ConnectionFault, replyCode } from "../failures.ts"
import type { CommandConnection, Commands, Scripts } from "./connection.ts"
import { makeResponses } from "./responses.ts"

/** A client that the storage creates for commands. It neither reconnects nor queues. */
export interface OwnClient extends Scripts {
  readonly connect: () => Promise<unknown>
  readonly destroy: () => void
  readonly onError: (listener: () => void) => void
  /** Whether the connection keeps the process alive. */
  readonly ref: () => void
  readonly unref: () => void
}

/** The first and the longest pause after a failed attempt to connect, in milliseconds. It doubles each time. */
const backOff = { first: 25, longest: 500 }

/** One connection, from the attempt to open it to its first error. */
interface Link {
  readonly opened: Promise<Commands>
  readonly isPending: () => boolean
  readonly isSilent: () => boolean
  readonly drop: () => void
}

const open = (client: OwnClient, now: () => number, onEnd: () => void): Link => {
  const { abandoned, isPending, isSilent, track } = makeResponses(now)
  let isOpen = true

  const drop = (): void => {
    if (!isOpen) return
    isOpen = false
    onEnd()
    client.destroy()
  }
  client.onError(drop)

  /** Keeps the process alive only while a response is pending (RUN-2). */
  const keepAlive = async <A>(send: () => Promise<A>): Promise<A> => {
    if (!isPending()) client.ref()
    try {
      return await track(send)
    } catch (error) {
      // After a failover, the host name may lead to the new primary.
      if (replyCode(error) === "READONLY") drop()
      throw error
    } finally {
      if (!isPending()) client.unref()
    }
  }

  const commands: Commands = {
    evalSha: (sha, keys, args) => keepAlive(() => client.evalSha(sha, keys, args)),
    eval: (source, keys, args) => keepAlive(() => client.eval(source, keys, args)),
    abandoned
  }
  const opened = keepAlive(() => client.connect()).then(() => commands)
  opened.catch(drop)
  return { opened, isPending, isSilent, drop }
}

/** A connection of the storage's own. */
export interface OwnConnection extends CommandConnection {
  /** Ends the current connection, unless a response is pending. The next command opens another one. */
  readonly rest: () => void
}

/**
 * A connection that is opened for the first command, and again for the first command after an error or a timeout. There is
 * no timer and no queue, so an idle process can exit. `now` is in milliseconds.
 */
export const ownConnection = (createClient: () => OwnClient, now: () => number): OwnConnection => {
  let link: Link | undefined
  let failed: { readonly error: unknown; readonly until: number; readonly wait: number } | undefined
  let isClosed = false

  const connect = (): Promise<Commands> => {
    const opening = open(createClient(), now, () => {
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
      if (link?.isSilent() === true) link.drop()
      if (link !== undefined) return link.opened
      return failed !== undefined && now() < failed.until ? Promise.reject(failed.error) : connect()
    },
    rest: () => {
      if (link?.isPending() === false) link.drop()
    },
    close: () => {
      isClosed = true
      link?.drop()
    }
  }
}
