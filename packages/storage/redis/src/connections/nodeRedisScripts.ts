import type { NodeRedisClient } from "../RedisClient.ts"
import type { Scripts } from "./connection.ts"
import { destroyClient } from "./destroyClient.ts"
import type { OwnClient } from "./ownConnection.ts"

/** The part of a node-redis client that runs scripts. */
type ScriptClient = Pick<NodeRedisClient, "eval" | "evalSha">

export const nodeRedisScripts = (client: ScriptClient): Scripts => ({
  evalSha: (sha, keys, args) => client.evalSha(sha, { keys: [...keys], arguments: [...args] }),
  eval: (source, keys, args) => client.eval(source, { keys: [...keys], arguments: [...args] })
})

/** A single client of the storage's own. */
export interface OwnNodeRedis extends ScriptClient {
  readonly connect: () => Promise<unknown>
  readonly destroy: () => void
  readonly on: (event: "error", listener: () => void) => unknown
  readonly ref: () => void
  readonly unref: () => void
}

export const ownNodeRedis = (client: OwnNodeRedis): OwnClient => ({
  ...nodeRedisScripts(client),
  connect: () => client.connect(),
  destroy: () => destroyClient(client),
  onError: (listener) => void client.on("error", listener),
  ref: () => client.ref(),
  unref: () => client.unref()
})
