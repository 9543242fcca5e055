import { Redis } from "ioredis"

/** What a Redis has done since it started. */
export interface RedisCounts {
  /** Commands of its clients, the ones inside a script included. */
  readonly commands: number
  /** Bytes that it received and sent. */
  readonly bytes: number
  /** Clients that are connected, without the one that asks. */
  readonly connections: number
}

/** Not work for a token: the connection of the one that counts, and the set-up of a connection. */
const overhead = new Set(["info", "hello", "client", "auth", "ping", "select"])

export const countRedis = async (url: string): Promise<RedisCounts> => {
  const redis = new Redis(url)
  const [stats, clients, commands] = await Promise.all(
    ["stats", "clients", "commandstats"].map((section) => redis.info(section))
  )
  redis.disconnect()
  const value = (info: string | undefined, field: string) =>
    Number(new RegExp(`^${field}:(\\d+)`, "m").exec(info ?? "")?.[1])
  const calls = [...(commands ?? "").matchAll(/^cmdstat_([a-z]+)[^:]*:calls=(\d+)/gm)]
  return {
    commands: calls.filter(([, name = ""]) => !overhead.has(name)).reduce((sum, [, , count]) => sum + Number(count), 0),
    bytes: value(stats, "total_net_input_bytes") + value(stats, "total_net_output_bytes"),
    connections: value(clients, "connected_clients") - 1
  }
}
