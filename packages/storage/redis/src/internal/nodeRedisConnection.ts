import type { NodeRedisClient } from "../RedisClient.ts"
import { arrival } from "./arrival.ts"
import type { Commands, Connection, Messages, Subscriber } from "./connection.ts"
import { ConnectionFault } from "./failures.ts"
import { losses } from "./losses.ts"
import { onlyOnce, openNodeRedis, type SubscriberClient } from "./nodeRedisSubscriber.ts"

/** What its three kinds have beyond what a user sees in {@link NodeRedisClient}. */
interface Single {
  readonly options?: { readonly socket?: object }
  readonly duplicate: (overrides: object) => SubscriberClient
}

interface Cluster {
  readonly getRandomNode: () => unknown
  readonly nodeClient: (node: unknown) => Promise<Single> | Single
}

interface Sentinel {
  readonly getSentinelNode: () => unknown
  readonly subscribe: (channel: string, listener: (message: string, channel: string) => void) => Promise<unknown>
  readonly unsubscribe: (channel: string, listener: (message: string, channel: string) => void) => Promise<unknown>
}

const isCluster = (client: object): client is Cluster => "nodeClient" in client
const isSentinel = (client: object): client is Sentinel => "getSentinelNode" in client

/** A client like the given one, for messages. */
const duplicateOf = (client: Single): SubscriberClient =>
  client.duplicate({ socket: { ...client.options?.socket, ...onlyOnce }, disableOfflineQueue: true })

/** Messages go to every node of a Cluster: any will do, and another one the next time. */
const nodeOf = async (cluster: Cluster): Promise<Single> => cluster.nodeClient(cluster.getRandomNode())

/** A Sentinel client has a connection of its own for messages, which follows the primary. */
const throughSentinel = (client: Sentinel, { message }: Messages): Subscriber => {
  const listener = (_: string, channel: string): void => message(channel)
  const channels = new Set<string>()
  const unsubscribe = (channel: string): Promise<unknown> => {
    channels.delete(channel)
    return client.unsubscribe(channel, listener)
  }
  return {
    subscribe: (channel) => {
      channels.add(channel)
      return client.subscribe(channel, listener)
    },
    unsubscribe,
    close: () => {
      for (const channel of channels) unsubscribe(channel).catch(() => undefined)
    }
  }
}

const openSubscriber = async (client: NodeRedisClient, messages: Messages): Promise<Subscriber> => {
  if (isSentinel(client)) return throughSentinel(client, messages)
  const single = isCluster(client) ? await nodeOf(client) : (client as object as Single)
  return openNodeRedis(duplicateOf(single), messages)
}

const ignore = (): void => undefined

/** A user's own node-redis client: it is connected if nobody has done so, and never closed. */
export const nodeRedisConnection = (client: NodeRedisClient): Connection => {
  let wasReady = client.isReady
  const { stop, wait } = arrival(client, () => client.isReady)
  const lost = losses(client, "reconnecting")
  const commands: Commands = {
    evalSha: (sha, keys, args) => client.evalSha(sha, { keys: [...keys], arguments: [...args] }),
    eval: (source, keys, args) => client.eval(source, { keys: [...keys], arguments: [...args] }),
    untilLost: lost.untilLost
  }
  // A storage that is down must not end the process, as an error that nobody listens for would (STO-2).
  client.on("error", ignore)

  const ready = async (): Promise<Commands> => {
    if (!client.isReady) {
      // What somebody closed stays closed. What never came to be open, as a Cluster that was down, is tried again.
      if (!client.isOpen && wasReady) throw new ConnectionFault("the client was closed")
      await wait(client.isOpen ? undefined : () => client.connect())
    }
    wasReady = true
    return commands
  }

  return {
    ready,
    openSubscriber: async (messages) => {
      await ready()
      return openSubscriber(client, messages)
    },
    close: () => {
      stop()
      lost.stop()
      client.off("error", ignore)
    }
  }
}
