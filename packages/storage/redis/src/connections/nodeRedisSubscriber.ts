import type { Messages, Subscriber } from "./connection.ts"
import { connectSubscriber } from "./connectSubscriber.ts"
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
  // A subscription must not keep an idle process alive (RUN-2).
  client.unref()
  const close = await connectSubscriber(client, () => destroyClient(client), messages.lost)
  return {
    subscribe: (channel) => client.subscribe(channel, (_, from) => messages.message(from)),
    unsubscribe: (channel) => client.unsubscribe(channel),
    close
  }
}
