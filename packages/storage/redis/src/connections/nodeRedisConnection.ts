import type { NodeRedisClient } from "../RedisClient.ts"
import type { Commands, Connection, Messages, Subscriber } from "./connection.ts"
import { connectionErrors } from "./connectionErrors.ts"
import { ConnectionFault } from "../failures.ts"
import { nodeRedisScripts, type OwnNodeRedis, ownNodeRedis } from "./nodeRedisScripts.ts"
import { openNodeRedis, type SubscriberClient, withoutReconnect } from "./nodeRedisSubscriber.ts"
import { ownConnection } from "./ownConnection.ts"
import { makeResponses } from "./responses.ts"
import { waitUntilReady } from "./waitUntilReady.ts"
import { type UserConnection, withStandby } from "./withStandby.ts"

/** Methods of a single client that {@link NodeRedisClient} does not require from the user. */
interface Single {
  readonly options?: { readonly socket?: object }
  readonly duplicate: (overrides: object) => OwnNodeRedis & SubscriberClient
}

interface Cluster {
  readonly masters: ReadonlyArray<unknown>
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

/** Before 6.2, a Cluster is open while it does not know its nodes yet, and commands fail with a TypeError. */
const knowsNodes = (client: object): boolean => isCluster(client) && client.masters.length > 0

/** A client of the storage's own, with the options of the user's. */
const duplicateOf = (client: Single): OwnNodeRedis & SubscriberClient =>
  client.duplicate({ socket: { ...client.options?.socket, ...withoutReconnect }, disableOfflineQueue: true })

/** Each node of a Cluster receives all messages, so a random node is sufficient. */
const nodeOf = async (cluster: Cluster): Promise<Single> => cluster.nodeClient(cluster.getRandomNode())

/** A Sentinel client has its own connection for messages, which follows the primary. */
const sentinelSubscriber = (client: Sentinel, { message }: Messages): Subscriber => {
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
  if (isSentinel(client)) return sentinelSubscriber(client, messages)
  const single = isCluster(client) ? await nodeOf(client) : (client as object as Single)
  return openNodeRedis(duplicateOf(single), messages)
}

const ignore = (): void => undefined

const userConnection = (client: NodeRedisClient, now: () => number): UserConnection => {
  const isReady = (): boolean => ("isReady" in client ? client.isReady : client.isOpen && knowsNodes(client))
  let wasReady = isReady()
  const { stop, wait } = waitUntilReady(client, isReady)
  const errors = connectionErrors(client, "reconnecting")
  const { abandoned, isSilent, track } = makeResponses(now)
  const scripts = nodeRedisScripts(client)
  const commands: Commands = {
    evalSha: (...call) => track(() => scripts.evalSha(...call)),
    eval: (...call) => track(() => scripts.eval(...call)),
    abandoned,
    untilLost: errors.untilLost
  }
  // Without a listener, the error event would end the process (STO-2).
  client.on("error", ignore)

  const ready = async (): Promise<Commands> => {
    if (!isReady()) {
      // A client that the user closed stays closed. A client that never connected, such as a Cluster that was down, is
      // connected again.
      if (!client.isOpen && wasReady) throw new ConnectionFault("the client was closed")
      await wait(client.isOpen ? undefined : () => client.connect())
    }
    wasReady = true
    return commands
  }

  return {
    ready,
    isSilent,
    openSubscriber: async (messages) => {
      await ready()
      return openSubscriber(client, messages)
    },
    close: () => {
      stop()
      errors.stop()
      client.off("error", ignore)
    }
  }
}

/** Uses the user's node-redis client. Connects it if the user did not, and never closes it. */
export const nodeRedisConnection = (client: NodeRedisClient, now: () => number): Connection => {
  const primary = userConnection(client, now)
  if (isCluster(client) || isSentinel(client)) return primary
  return withStandby(
    primary,
    ownConnection(() => ownNodeRedis(duplicateOf(client as object as Single)), now)
  )
}
