import { Redis } from "ioredis"

/** What a Redis has done since it started. */
export interface RedisCounts {
  /** Scripts and subscriptions that clients sent: a token needs no other command. */
  readonly commands: number
  /** Commands with which clients open their connections. */
  readonly handshakes: number
  /** Bytes that it received and sent. */
  readonly bytes: number
  /** Clients that are connected, without the one that asks. */
  readonly connections: number
  /** Milliseconds of processor time. */
  readonly processor: number
}

const sent = new Set(["eval", "evalsha", "subscribe", "unsubscribe"])
const opening = new Set(["hello", "auth", "select", "client"])

/** How often this process asked: each time with a HELLO of its own. */
let asked = 0

export const countRedis = async (url: string): Promise<RedisCounts> => {
  const redis = new Redis(url, { disableClientInfo: true })
  asked += 1
  const [stats, clients, commands, cpu] = await Promise.all(
    ["stats", "clients", "commandstats", "cpu"].map((section) => redis.info(section))
  )
  redis.disconnect()
  const value = (info: string | undefined, field: string) =>
    Number(new RegExp(`^${field}:([\\d.]+)`, "m").exec(info ?? "")?.[1])
  const calls = [...(commands ?? "").matchAll(/^cmdstat_([a-z]+)[^:]*:calls=(\d+)/gm)]
  const total = (names: ReadonlySet<string>) =>
    calls.filter(([, name = ""]) => names.has(name)).reduce((sum, [, , count]) => sum + Number(count), 0)
  return {
    commands: total(sent),
    handshakes: total(opening) - asked,
    bytes: value(stats, "total_net_input_bytes") + value(stats, "total_net_output_bytes"),
    connections: value(clients, "connected_clients") - 1,
    processor: (value(cpu, "used_cpu_sys") + value(cpu, "used_cpu_user")) * 1_000
  }
}
