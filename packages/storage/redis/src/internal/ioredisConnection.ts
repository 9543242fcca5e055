import type { IoredisClient } from "../RedisClient.ts"
import { arrival } from "./arrival.ts"
import type { Commands, Connection, Messages, Subscriber } from "./connection.ts"
import { ConnectionFault } from "./failures.ts"
import { losses } from "./losses.ts"

/** What a single ioredis client has beyond what a user sees in {@link IoredisClient}. */
interface Single extends IoredisClient {
  readonly stream?: { readonly unref?: () => void }
  readonly duplicate: (overrides: object) => Single
  readonly disconnect: () => void
  readonly subscribe: (channel: string) => Promise<unknown>
  readonly unsubscribe: (channel: string) => Promise<unknown>
}

interface Cluster extends IoredisClient {
  readonly nodes: (role: "master") => ReadonlyArray<Single>
}

const never = (): null => null

/** Whoever waits asks for another connection, so this one need not try to come back. */
const onlyOnce = {
  lazyConnect: true,
  retryStrategy: never,
  sentinelRetryStrategy: never,
  autoResubscribe: false,
  enableOfflineQueue: false
}

const open = async (client: Single, messages: Messages): Promise<Subscriber> => {
  let isOpen = true
  const close = (): void => {
    if (!isOpen) return
    isOpen = false
    client.disconnect()
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
  client.on("message", (channel: string) => messages.message(channel))
  // Waiting for messages keeps no idle process alive (RUN-2).
  client.on("connect", () => client.stream?.unref?.())
  try {
    await client.connect()
  } catch (error) {
    close()
    // What the client heard first says more.
    throw cause ?? error
  }
  return {
    subscribe: (channel) => client.subscribe(channel),
    unsubscribe: (channel) => client.unsubscribe(channel),
    close
  }
}

/** Messages go to every node of a Cluster: any will do, and another one the next time. */
const nodesInTurn = () => {
  let turn = 0
  return (client: Cluster): Single => {
    const nodes = client.nodes("master")
    turn += 1
    const node = nodes[turn % nodes.length]
    if (node === undefined) throw new ConnectionFault("the cluster has no node")
    return node
  }
}

const ignore = (): void => undefined

/** A user's own ioredis client: it is connected if nobody has done so, and never closed. */
export const ioredisConnection = (client: IoredisClient): Connection => {
  const { stop, wait } = arrival(client, () => client.status === "ready")
  const lost = losses(client, "close")
  const nextNode = nodesInTurn()
  const commands: Commands = {
    evalSha: (sha, keys, args) => client.evalsha(sha, keys.length, ...keys, ...args),
    eval: (source, keys, args) => client.eval(source, keys.length, ...keys, ...args),
    untilLost: lost.untilLost
  }
  // Without a listener it prints every fault, with all that the error holds.
  client.on("error", ignore)

  const ready = async (): Promise<Commands> => {
    if (client.status === "end") throw new ConnectionFault("the client was closed")
    if (client.status === "wait") await wait(() => client.connect())
    else if (client.status !== "ready") await wait()
    return commands
  }

  return {
    ready,
    openSubscriber: async (messages) => {
      await ready()
      const single = client.isCluster ? nextNode(client as Cluster) : (client as Single)
      return open(single.duplicate(onlyOnce), messages)
    },
    close: () => {
      stop()
      lost.stop()
      client.off("error", ignore)
    }
  }
}
