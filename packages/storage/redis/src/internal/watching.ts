import type { Connection, Subscriber } from "./connection.ts"
import { ConnectionFault } from "./failures.ts"

type Wake = () => void

interface Link {
  readonly subscriber: Promise<Subscriber>
  /** The channels that it was told to listen to. */
  readonly channels: Map<string, Promise<unknown>>
}

const ignore = (): void => undefined

/** Wakes whoever watches a channel: one connection for all channels, opened for the first of them. */
export const makeWatching = (openSubscriber: Connection["openSubscriber"]) => {
  const watchers = new Map<string, Set<Wake>>()
  let link: Link | undefined
  let isClosed = false

  const wake = (channel: string): void => watchers.get(channel)?.forEach((run) => run())

  const open = (): Link => {
    const forget = (): void => {
      if (link === opened) link = undefined
    }
    const opened: Link = {
      channels: new Map(),
      subscriber: openSubscriber({
        message: wake,
        // What was missed cannot be told: all look.
        lost: () => {
          forget()
          for (const channel of watchers.keys()) wake(channel)
        }
      })
    }
    opened.subscriber.catch(forget)
    return opened
  }

  /** Listens to a channel, unless it does. */
  const listen = (channel: string): Promise<unknown> => {
    if (isClosed) return Promise.reject(new ConnectionFault("the storage is closed"))
    link ??= open()
    const { channels, subscriber } = link
    const known = channels.get(channel)
    if (known !== undefined) return known
    const listening = subscriber.then((found) => found.subscribe(channel))
    channels.set(channel, listening)
    listening.catch(() => channels.delete(channel))
    return listening
  }

  return {
    join: (channel: string, run: Wake): Promise<unknown> => {
      const found = watchers.get(channel) ?? new Set()
      watchers.set(channel, found.add(run))
      return listen(channel)
    },
    /** Listens again after the connection was lost; a watcher then looks once more, for what came in between. */
    rejoin: (channel: string): void => {
      if (!watchers.has(channel) || link?.channels.has(channel) === true) return
      listen(channel).then(() => wake(channel), ignore)
    },
    leave: (channel: string, run: Wake): void => {
      const found = watchers.get(channel)
      if (found?.delete(run) !== true || found.size > 0) return
      watchers.delete(channel)
      if (link?.channels.delete(channel) !== true) return
      link.subscriber.then((subscriber) => subscriber.unsubscribe(channel)).catch(ignore)
    },
    close: (): void => {
      isClosed = true
      link?.subscriber.then((subscriber) => subscriber.close(), ignore)
    }
  }
}
