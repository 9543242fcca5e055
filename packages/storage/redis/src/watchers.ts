import type { Connection, Subscriber } from "./connections/connection.ts"
import { ConnectionFault } from "./failures.ts"

type Wake = () => void

/** How long an attempt to connect may take, in milliseconds. */
const connectTimeout = 5_000

interface Link {
  readonly subscriber: Promise<Subscriber>
  readonly startedAt: number
  isOpen: boolean
  /** The subscribed channels. */
  readonly channels: Map<string, Promise<unknown>>
}

const ignore = (): void => undefined

/** Wakes the watchers of each channel. All channels share one connection, which the first watcher opens. */
export const makeWatchers = (openSubscriber: Connection["openSubscriber"], now: () => number) => {
  const watchers = new Map<string, Set<Wake>>()
  let link: Link | undefined
  let isClosed = false

  const wakeAll = (channel: string): void => watchers.get(channel)?.forEach((wake) => wake())

  const open = (): Link => {
    const forget = (): void => {
      if (link === opened) link = undefined
    }
    const opened: Link = {
      channels: new Map(),
      startedAt: now(),
      isOpen: false,
      subscriber: openSubscriber({
        message: wakeAll,
        lost: () => {
          forget()
          onMissed()
        }
      })
    }
    opened.subscriber.then(() => (opened.isOpen = true), forget)
    return opened
  }

  /** Messages may have been missed, so every watcher has to check. */
  const onMissed = (): void => {
    for (const channel of watchers.keys()) wakeAll(channel)
  }

  const closeLink = (): void => {
    link?.subscriber.then((subscriber) => subscriber.close(), ignore)
    link = undefined
  }

  const subscribe = (channel: string): Promise<unknown> => {
    if (isClosed) return Promise.reject(new ConnectionFault("the storage is closed"))
    link ??= open()
    const { channels, subscriber } = link
    const current = channels.get(channel)
    if (current !== undefined) return current
    const subscribed = subscriber.then((found) => found.subscribe(channel))
    channels.set(channel, subscribed)
    subscribed.catch(() => channels.delete(channel))
    return subscribed
  }

  return {
    add: (channel: string, wake: Wake): Promise<unknown> => {
      const wakes = watchers.get(channel) ?? new Set()
      watchers.set(channel, wakes.add(wake))
      return subscribe(channel)
    },
    /** Subscribes again if the connection was lost, and wakes the watchers for changes that they missed. */
    resubscribe: (channel: string): void => {
      if (!watchers.has(channel) || link?.channels.has(channel) === true) return
      subscribe(channel).then(() => wakeAll(channel), ignore)
    },
    remove: (channel: string, wake: Wake): void => {
      const wakes = watchers.get(channel)
      if (wakes?.delete(wake) !== true || wakes.size > 0) return
      watchers.delete(channel)
      if (link?.channels.delete(channel) !== true) return
      link.subscriber.then((subscriber) => subscriber.unsubscribe(channel)).catch(ignore)
    },
    /**
     * A caller stopped waiting for a subscription. The connection may have been dropped silently, so the next watcher opens
     * another one.
     */
    abandoned: (): void => {
      if (link === undefined || (!link.isOpen && now() - link.startedAt < connectTimeout)) return
      closeLink()
      onMissed()
    },
    close: (): void => {
      isClosed = true
      closeLink()
    }
  }
}
