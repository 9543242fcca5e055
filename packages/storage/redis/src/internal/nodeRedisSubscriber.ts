import type { Messages, Subscriber } from "./connection.ts"

/** A single node-redis client, as far as messages need it. */
export interface SubscriberClient {
  readonly connect: () => Promise<unknown>
  readonly destroy: () => void
  readonly unref: () => void
  readonly on: (event: "error" | "end", listener: (error?: unknown) => void) => unknown
  readonly subscribe: (channel: string, listener: (message: string, channel: string) => void) => Promise<unknown>
  readonly unsubscribe: (channel: string) => Promise<unknown>
}

/** What such a client must be told: whoever waits asks for another one, so it need not try to come back. */
export const onlyOnce = { reconnectStrategy: false } as const

/** Connects a client that is for messages alone. */
export const openNodeRedis = async (client: SubscriberClient, messages: Messages): Promise<Subscriber> => {
  let isOpen = true
  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    // Not before the client has told whoever waits what happened.
    queueMicrotask(() => client.destroy())
  }
  let cause: unknown
  const lost = (error?: unknown): void => {
    if (!isOpen) return
    cause = error
    close()
    messages.lost()
  }
  client.on("error", lost)
  client.on("end", lost)
  // Waiting for messages keeps no idle process alive (RUN-2).
  client.unref()
  try {
    await client.connect()
  } catch (error) {
    close()
    // What the client heard first says more.
    throw cause ?? error
  }
  return {
    subscribe: (channel) => client.subscribe(channel, (_, from) => messages.message(from)),
    unsubscribe: (channel) => client.unsubscribe(channel),
    close
  }
}
