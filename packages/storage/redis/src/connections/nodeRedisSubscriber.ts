import type { Messages, Subscriber } from "./connection.ts"
import { destroyClient } from "./destroyClient.ts"

/** The part of a single node-redis client that messages need. */
export interface SubscriberClient {
  readonly connect: () => Promise<unknown>
  readonly destroy: () => void
  readonly unref: () => void
  readonly on: (event: "error" | "end", listener: (error?: unknown) => void) => unknown
  readonly subscribe: (channel: string, listener: (message: string, channel: string) => void) => Promise<unknown>
  readonly unsubscribe: (channel: string) => Promise<unknown>
}

/** The client must not reconnect, because the next watcher opens a new one. */
export const withoutReconnect = { reconnectStrategy: false } as const

/** Connects a client that is used only for messages. */
export const openNodeRedis = async (client: SubscriberClient, messages: Messages): Promise<Subscriber> => {
  let isOpen = true
  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    destroyClient(client)
  }
  let cause: unknown
  const onLost = (error?: unknown): void => {
    if (!isOpen) return
    cause = error
    close()
    messages.lost()
  }
  client.on("error", onLost)
  client.on("end", onLost)
  // A subscription must not keep an idle process alive (RUN-2).
  client.unref()
  try {
    await client.connect()
  } catch (error) {
    close()
    // The first error of the client is more specific.
    throw cause ?? error
  }
  return {
    subscribe: (channel) => client.subscribe(channel, (_, from) => messages.message(from)),
    unsubscribe: (channel) => client.unsubscribe(channel),
    close
  }
}
