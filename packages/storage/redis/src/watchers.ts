import type { Connection, Subscriber } from "./connections/connection.ts"
import { ConnectionFault } from "./failures.ts"

type Wake = () => void

/** How long an attempt to connect may take, in milliseconds. */
const connectTimeout = 5_000

/** How many channels without a watcher stay subscribed: a process may share many credentials with others. */
const maxIdle = 1_000

interface Link {
  readonly subscriber: Promise<Subscriber>
  readonly startedAt: number
  isOpen: boolean
  /** The subscribed channels. */
  readonly channels: Map<string, Promise<unknown>>
}

const ignore = (): void => undefined

/**
 * Wakes the watchers of each channel. All channels share one connection, which the first watcher opens. A channel stays
 * subscribed for its next watcher, which then costs no command.
 */
export const makeWatchers = (openSubscriber: Connection["openSubscriber"], now: () => number) => {
  const watchers = new Map<string, Set<Wake>>()
  /** The channels that lost their last watcher, in that order. */
  const idle = new Set<string>()
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

  const unsubscribe = (channel: string): void => {
    idle.delete(channel)
    if (link?.channels.delete(channel) !== true) return
    link.subscriber.then((subscriber) => subscriber.unsubscribe(channel)).catch(ignore)
  }

  return {
    add: (channel: string, wake: Wake): Promise<unknown> => {
      const wakes = watchers.get(channel) ?? new Set()
      watchers.set(channel, wakes.add(wake))
      idle.delete(channel)
      return subscribe(channel)
    },
    /** Subscribes again if the connection was lost, and wakes the watchers for changes that they missed. */
    resubscribe: (channel: string): void => {
      if (!watchers.has(channel) || link?.channels.has(channel) === true) return
      subscribe(channel).then(() => wakeAll(channel), ignore)
    },
    /** If the connection is doubtful, the next watcher subscribes again, which shows whether it still works. */
    remove: (channel: string, wake: Wake, isDoubtful: boolean): void => {
      const wakes = watchers.get(channel)
      if (wakes?.delete(wake) !== true || wakes.size > 0) return
      watchers.delete(channel)
      idle.add(channel)
      const [oldest = channel] = idle
      if (isDoubtful) unsubscribe(channel)
      else if (idle.size > maxIdle) unsubscribe(oldest)
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
