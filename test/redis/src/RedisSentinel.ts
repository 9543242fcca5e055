import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePort } from "./freePort.ts"
import { type RedisServer, startServer } from "./RedisServer.ts"
import { until } from "./until.ts"

/** A primary with replicas, and three Sentinels that elect another primary if it fails. */
export interface RedisSentinel extends AsyncDisposable {
  /** The name that the Sentinels use for it. */
  readonly name: string
  readonly servers: ReadonlyArray<RedisServer>
  readonly sentinels: ReadonlyArray<RedisServer>
  /** The server that the Sentinels name as primary. */
  readonly primary: () => Promise<RedisServer>
  /** Kills the primary, and waits until the Sentinels name another one that accepts writes. */
  readonly failover: () => Promise<void>
  readonly stop: () => Promise<void>
}

const name = "tokens"

const sentinelConfig = (primary: RedisServer): string =>
  [
    `sentinel monitor ${name} 127.0.0.1 ${primary.port} 2`,
    `sentinel down-after-milliseconds ${name} 500`,
    `sentinel failover-timeout ${name} 3000`,
    `sentinel parallel-syncs ${name} 1`,
    ""
  ].join("\n")

export const startSentinel = async ({ replicas = 2 } = {}): Promise<RedisSentinel> => {
  const folder = mkdtempSync(join(tmpdir(), "redis-sentinel-"))
  const started: Array<RedisServer> = []
  const start = async (...options: Parameters<typeof startServer>): Promise<RedisServer> => {
    const server = await startServer(...options)
    started.push(server)
    return server
  }
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()))
    rmSync(folder, { recursive: true, force: true })
  }

  const quick = { "repl-diskless-sync": "yes", "repl-diskless-sync-delay": "0", "repl-ping-replica-period": "1" }
  const startReplica = (primary: RedisServer) => start({ config: { ...quick, replicaof: `127.0.0.1 ${primary.port}` } })
  const startMonitor = async (primary: RedisServer, index: number) => {
    // Each Sentinel rewrites its file.
    const sentinelFile = join(folder, `${index}.conf`)
    writeFileSync(sentinelFile, sentinelConfig(primary))
    return start({ sentinelFile, port: await freePort() })
  }

  try {
    const first = await start({ config: quick })
    const followers = await Promise.all(Array.from({ length: replicas }, () => startReplica(first)))
    const sentinels = await Promise.all(Array.from({ length: 3 }, (_, index) => startMonitor(first, index)))
    const servers = [first, ...followers]

    const primary = async (): Promise<RedisServer> => {
      const [sentinel] = sentinels
      const address = (await sentinel?.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name)) as
        | [string, string]
        | undefined
      const port = address?.[1]
      const found = servers.find((server) => server.port === Number(port))
      if (found === undefined) throw new Error(`The Sentinels name port ${port}, which belongs to none of the servers`)
      return found
    }
    await until("The Sentinels know each other and the replicas", async () => {
      const states = await Promise.all(sentinels.map((sentinel) => sentinel.command("INFO", "sentinel")))
      return states.every((state) => (state as string).includes(`slaves=${replicas},sentinels=3`))
    })

    const failover = async () => {
      const old = await primary()
      await old.kill()
      await until("Another primary accepts writes", async () => {
        const next = await primary()
        return next !== old && (await next.command("SET", "failover-probe", "1", "PX", "1000")) === "OK"
      })
    }
    return { name, servers, sentinels, primary, failover, stop, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}
