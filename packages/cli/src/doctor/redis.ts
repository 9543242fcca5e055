import { createClient } from "redis"
import { failed, ok, type Verdict, warning } from "./Finding.ts"
import { longestWait, systemCode } from "./systemCode.ts"

/** What a Redis server says about itself. */
export interface RedisInfo {
  readonly fields: ReadonlyMap<string, string>
  /** The setting `save`; absent if this user may not read it. */
  readonly snapshots?: string | undefined
}

const fieldsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split("\r\n").flatMap((line) => {
      const at = line.indexOf(":")
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const]
    })
  )

/** Asks a server; rejects if it cannot be reached. */
const ask = async (url: string): Promise<RedisInfo> => {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: longestWait } })
  client.on("error", () => undefined)
  try {
    await client.connect()
    const fields = fieldsOf(await client.info())
    const config = await client.configGet("save").catch(() => undefined)
    return { fields, snapshots: config?.["save"] }
  } finally {
    client.destroy()
  }
}

/** The words in capitals that start an error of Redis, such as `WRONGPASS`. */
const codeOf = (error: unknown): string => {
  const [, code] = /^([A-Z]{4,})\b/.exec(error instanceof Error ? error.message : "") ?? []
  return code ?? systemCode(error)
}

/** Whether the server can be reached, and its version. */
export const checkServer = async (
  url: string,
  address: string
): Promise<{ readonly verdict: Verdict; readonly info?: RedisInfo }> => {
  try {
    const info = await ask(url)
    const version = info.fields.get("valkey_version") ?? info.fields.get("redis_version") ?? "unknown"
    return { verdict: ok(`${address} has version ${version}`), info }
  } catch (error) {
    const what = `${address} cannot be used (${codeOf(error)}).`
    const fix = "Check that the server is running, and check the address, user and password in its URL."
    return { verdict: failed("redis", what, fix) }
  }
}

/**
 * A setting that a refresh token must not be without. An access token may be lost: that costs one token request.
 *
 * @param hasGrant Whether the profile keeps a refresh token in this server.
 */
const risk = (hasGrant: boolean, what: string, fix: string): Verdict =>
  hasGrant
    ? failed("redis", `${what} The refresh token may be lost.`, fix)
    : ok(`${what} That is enough for access tokens`)

/** Whether the server writes what it holds to a disk. */
export const checkPersistence = ({ fields, snapshots }: RedisInfo, hasGrant: boolean): Verdict => {
  const broken = ["aof_last_write_status", "rdb_last_bgsave_status"].find((name) => fields.get(name) === "err")
  if (broken !== undefined) {
    return failed("redis", `The server cannot write to its disk (${broken}).`, "Check its log and its disk.")
  }
  if (fields.get("aof_enabled") === "1") return ok("every write goes to a file (appendonly yes)")
  const has = snapshots === "" ? "neither appendonly nor snapshots" : "no appendonly"
  return risk(hasGrant, `The server has ${has}: a restart loses writes.`, "Set appendonly yes in its configuration.")
}

/** Whether the server may remove records to gain memory. */
export const checkEviction = ({ fields }: RedisInfo, hasGrant: boolean): Verdict => {
  const policy = fields.get("maxmemory_policy") ?? "unknown"
  if (!policy.startsWith("allkeys-")) return ok(`maxmemory-policy ${policy}`)
  return risk(hasGrant, `maxmemory-policy ${policy} may remove any record.`, "Set maxmemory-policy noeviction.")
}

/** Whether it is the primary, and what a failover may lose. */
export const checkRole = ({ fields }: RedisInfo, hasGrant: boolean): Verdict => {
  if (fields.get("role") === "slave") {
    return failed("redis", "The server is a replica, which accepts no writes.", "Use the address of the primary.")
  }
  const replicas = Number(fields.get("connected_slaves") ?? 0)
  if (replicas === 0) return ok("a primary without replicas")
  const count = replicas === 1 ? "one replica" : `${replicas} replicas`
  if (!hasGrant || Number(fields.get("min_slaves_good_slaves") ?? 0) > 0) return ok(`a primary with ${count}`)
  return warning(
    "redis",
    `The server is a primary with ${count}: a failover may lose the last write, and with it the refresh token.`,
    "Set min-replicas-to-write 1, which makes that less likely."
  )
}
