import { freePort } from "./freePort.ts"
import { type RedisServer, startServer } from "./RedisServer.ts"
import { until } from "./until.ts"

/** Masters that share the slots. */
export interface RedisCluster extends AsyncDisposable {
  readonly masters: ReadonlyArray<RedisServer>
  readonly stop: () => Promise<void>
}

const slots = 16_384

const startMaster = async (): Promise<RedisServer> =>
  startServer({
    config: {
      "cluster-enabled": "yes",
      "cluster-config-file": "nodes.conf",
      "cluster-node-timeout": "1000",
      // The default, the port plus 10,000, may be taken or too high.
      "cluster-port": `${await freePort()}`
    }
  })

/** Starts a cluster and waits until all masters know each other. */
export const startCluster = async (size = 3): Promise<RedisCluster> => {
  const masters = await Promise.all(Array.from({ length: size }, startMaster))
  const [first, ...others] = masters
  const stop = async () => {
    await Promise.all(masters.map((master) => master.stop()))
  }
  try {
    for (const [index, master] of masters.entries()) {
      const bounds = [Math.round((index * slots) / size), Math.round(((index + 1) * slots) / size) - 1]
      await master.command("CLUSTER", "ADDSLOTSRANGE", ...bounds.map(String))
      await master.command("CLUSTER", "SET-CONFIG-EPOCH", `${index + 1}`)
    }
    for (const other of others) {
      const bus = (await other.command("CONFIG", "GET", "cluster-port")) as [string, string]
      await first?.command("CLUSTER", "MEET", "127.0.0.1", `${other.port}`, bus[1])
    }
    await until("The cluster is complete", async () => {
      const states = await Promise.all(masters.map((master) => master.command("CLUSTER", "INFO")))
      return states.every((state) => (state as string).includes("cluster_state:ok"))
    })
    await until("Its masters know each other", async () => {
      const known = await Promise.all(masters.map((master) => master.command("CLUSTER", "SLOTS")))
      return known.every((ranges) => (ranges as ReadonlyArray<unknown>).length === size)
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { masters, stop, [Symbol.asyncDispose]: stop }
}
