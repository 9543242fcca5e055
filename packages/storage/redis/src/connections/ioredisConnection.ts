import type { IoredisClient } from "../RedisClient.ts"
import type { Commands, Connection, Messages, Scripts, Subscriber } from "./connection.ts"
import { connectionErrors } from "./connectionErrors.ts"
import { connectSubscriber } from "./connectSubscriber.ts"
import { ConnectionFault } from "../failures.ts"
import { type OwnClient, ownConnection } from "./ownConnection.ts"
import { makeResponses } from "./responses.ts"
import { waitUntilReady } from "./waitUntilReady.ts"
import { type UserConnection, withStandby } from "./withStandby.ts"

/** Methods of a single client that {@link IoredisClient} does not require from the user. */
interface Single extends IoredisClient {
  readonly stream?: { readonly ref?: () => void; readonly unref?: () => void }
  readonly duplicate: (overrides: object) => Single
  readonly disconnect: () => void
  readonly subscribe: (channel: string) => Promise<unknown>
  readonly unsubscribe: (channel: string) => Promise<unknown>
}

interface Cluster extends IoredisClient {
  readonly nodes: (role: "master") => ReadonlyArray<Single>
}

const never = (): null => null

/** The client must not reconnect, because the next watcher opens a new one. */
const withoutReconnect = {
  lazyConnect: true,
  retryStrategy: never,
  sentinelRetryStrategy: never,
  autoResubscribe: false,
  enableOfflineQueue: false
}

const open = async (client: Single, messages: Messages): Promise<Subscriber> => {
  client.on("message", (channel: string) => messages.message(channel))
  // A subscription must not keep an idle process alive (RUN-2).
  client.on("connect", () => client.stream?.unref?.())
  const close = await connectSubscriber(client, () => client.disconnect(), messages.lost)
  return {
    subscribe: (channel) => client.subscribe(channel),
    unsubscribe: (channel) => client.unsubscribe(channel),
    close
  }
}

/** Each node of a Cluster receives all messages. Another node is used each time, in case one is down. */
const nodesInTurn = () => {
  let turn = 0
  return (client: Cluster): Single => {
    const nodes = client.nodes("master")
    turn += 1
    const node = nodes[turn % nodes.length]
    if (node === undefined) throw new ConnectionFault("the cluster has no nodes")
    return node
  }
}

const ignore = (): void => undefined

const scriptsOf = (client: IoredisClient): Scripts => ({
  evalSha: (sha, keys, args) => client.evalsha(sha, keys.length, ...keys, ...args),
  eval: (source, keys, args) => client.eval(source, keys.length, ...keys, ...args)
})

const ownIoredis = (client: Single): OwnClient => ({
  ...scriptsOf(client),
  connect: () => client.connect(),
  destroy: () => client.disconnect(),
  onError: (listener) => void client.on("error", listener),
  ref: () => client.stream?.ref?.(),
  unref: () => client.stream?.unref?.()
})

const userConnection = (client: IoredisClient, now: () => number): UserConnection => {
  const { stop, wait } = waitUntilReady(client, () => client.status === "ready")
  const errors = connectionErrors(client, "close")
  const nextNode = nodesInTurn()
  const { abandoned, isSilent, track } = makeResponses(now)
  const scripts = scriptsOf(client)
  const commands: Commands = {
    evalSha: (...call) => track(() => scripts.evalSha(...call)),
    eval: (...call) => track(() => scripts.eval(...call)),
    abandoned,
    untilLost: errors.untilLost
  }
  // Without a listener, ioredis prints each error, which may contain secrets.
  client.on("error", ignore)

  const ready = async (): Promise<Commands> => {
    if (client.status === "end") throw new ConnectionFault("the client was closed")
    if (client.status === "wait") await wait(() => client.connect())
    else if (client.status !== "ready") await wait()
    return commands
  }

  return {
    ready,
    isSilent,
    openSubscriber: async (messages) => {
      await ready()
      const single = client.isCluster ? nextNode(client as Cluster) : (client as Single)
      return open(single.duplicate(withoutReconnect), messages)
    },
    close: () => {
      stop()
      errors.stop()
      client.off("error", ignore)
    }
  }
}

/** Uses the user's ioredis client. Connects it if the user did not, and never closes it. */
export const ioredisConnection = (client: IoredisClient, now: () => number): Connection => {
  const primary = userConnection(client, now)
  if (client.isCluster) return primary
  return withStandby(
    primary,
    ownConnection(() => ownIoredis((client as Single).duplicate(withoutReconnect)), now)
  )
}
