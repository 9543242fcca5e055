import type { Messages, Subscriber } from "./connection.ts"
import { connectSubscriber } from "./connectSubscriber.ts"
import { destroyClient } from "./destroyClient.ts"

type Listener = (message: string, channel: string) => void

/** The part of a single node-redis client that messages need. */
export interface SubscriberClient {
  readonly connect: () => Promise<unknown>
  readonly destroy: () => void
  readonly unref: () => void
  readonly on: (event: "error" | "end", listener: (error?: unknown) => void) => unknown
  readonly subscribe: (channel: string, listener: Listener) => Promise<unknown>
  readonly unsubscribe: (channel: string, listener: Listener) => Promise<unknown>
}

/** The client must not reconnect, because the next watcher opens a new one. */
export const withoutReconnect = { reconnectStrategy: false } as const

/** Connects a client that is used only for messages. */
export const openNodeRedis = async (client: SubscriberClient, messages: Messages): Promise<Subscriber> => {
  // A subscription must not keep an idle process alive (RUN-2).
  client.unref()
  const close = await connectSubscriber(client, () => destroyClient(client), messages.lost)
  const listener: Listener = (_, channel) => messages.message(channel)
  return {
    subscribe: (channel) => client.subscribe(channel, listener),
    // Without the listener, node-redis sends no command for a subscribe before the response, so no message would arrive.
    unsubscribe: (channel) => client.unsubscribe(channel, listener),
    close
  }
}
