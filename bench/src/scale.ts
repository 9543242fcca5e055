// How the cost of sharing a token grows with the clients: the real protocol, from clients with connections of their own
// in a few processes, on one Redis. `--clients 1,8,64,1000,10000`, `--processes` and `--rounds` change what is measured.
import { parseArgs } from "node:util"
import { startServer as startRedis } from "redis-servers"
import { countRedis } from "./countRedis.ts"
import { latencies } from "./latencies.ts"
import { ask, start } from "./race/childProcess.ts"
import { startServer } from "./race/startServer.ts"
import type { Herd } from "./scaleMember.ts"

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "1,8,64,1000,10000" },
    processes: { type: "string", default: "4" },
    rounds: { type: "string", default: "5" }
  }
})
const row = (cells: ReadonlyArray<string | number>) => console.log(`| ${cells.join(" | ")} |`)
/** What the client that requests the token sends, which a test of the Redis adapter checks. */
const ownCommands = 6
const whole = (value: number): string => Math.round(value).toLocaleString("en")

const measure = async (size: number): Promise<void> => {
  await using redis = await startRedis({ config: { maxclients: "65000" } })
  await using server = await startServer()
  await server.set({ tokenDelay: 200 })
  const processes = Math.min(size, Number(values.processes))
  const members = await Promise.all(
    Array.from({ length: processes }, (_, index) => {
      const own = Math.floor(size / processes) + (index < size % processes ? 1 : 0)
      return start("../scaleMember.ts", [server.base, redis.url, `${own}`])
    })
  )
  const round = async () => {
    const [before, tokens] = [await countRedis(redis.url), await server.tokenRequests()]
    const herds = await Promise.all(members.map(({ child }) => ask<Herd>(child, {})))
    const [after, now] = [await countRedis(redis.url), await server.tokenRequests()]
    const adopted = latencies()
    const first = Math.min(...herds.flatMap(({ issued }) => issued))
    for (const at of herds.flatMap((herd) => herd.adopted)) adopted.add(Math.max(0, at - first))
    return {
      tokens: now - tokens,
      failures: herds.reduce((sum, { failures }) => sum + failures, 0),
      commands: after.commands - before.commands,
      handshakes: after.handshakes - before.handshakes,
      bytes: after.bytes - before.bytes,
      connections: after.connections,
      p50: adopted.at(0.5),
      p99: adopted.at(0.99)
    }
  }
  const report = (name: string, rounds: ReadonlyArray<Awaited<ReturnType<typeof round>>>) => {
    const mean = (of: keyof (typeof rounds)[number]) => rounds.reduce((sum, each) => sum + each[of], 0) / rounds.length
    const waiting = size - mean("tokens")
    const perWaiting = waiting > 0 ? ((mean("commands") - mean("tokens") * ownCommands) / waiting).toFixed(2) : "–"
    const perClient = (mean("handshakes") / size).toFixed(1)
    const counts = [mean("tokens"), mean("failures"), whole(mean("commands")), perWaiting, perClient]
    const load = [whole(mean("bytes") / 1_000), whole(mean("connections"))]
    row([
      whole(size),
      name,
      ...counts,
      ...load,
      ...(size === 1 ? ["–", "–"] : [whole(mean("p50")), whole(mean("p99"))])
    ])
  }
  report("start", [await round()])
  // The client that had the first lease waits, and subscribes, for the first time.
  report("second", [await round()])
  const renewals = []
  for (let index = 0; index < Number(values.rounds); index += 1) renewals.push(await round())
  report("renewal", renewals)
  await Promise.all(members.map(({ stop }) => stop()))
}

row([
  "clients",
  "",
  "token requests",
  "failed",
  "commands",
  "… per waiting client",
  "handshake, per client",
  "kB",
  "connections",
  "adopted after, ms",
  "99 % after, ms"
])
row(Array.from({ length: 11 }, () => "---"))
for (const size of values.clients.split(",")) await measure(Number(size))
