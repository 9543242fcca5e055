import { Redis } from "ioredis"

/** What a Redis has done since it started. */
export interface RedisCounts {
  /** Scripts and subscriptions that clients sent: a token needs no other command. */
  readonly commands: number
  /** Bytes that it received and sent. */
  readonly bytes: number
  /** Clients that are connected, without the one that asks. */
  readonly connections: number
}

const sent = new Set(["eval", "evalsha", "subscribe", "unsubscribe"])

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
    commands: calls.filter(([, name = ""]) => sent.has(name)).reduce((sum, [, , count]) => sum + Number(count), 0),
    bytes: value(stats, "total_net_input_bytes") + value(stats, "total_net_output_bytes"),
    connections: value(clients, "connected_clients") - 1
  }
}
