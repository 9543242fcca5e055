// How the cost of sharing a token grows with the clients: the real protocol, from clients in a few processes, on one Redis.
//
//   --clients 1,8,64,1000
//   --clients-per-storage 1  how many clients share the two connections of a storage, and so one subscription; otherwise
//                               nothing. With 2, 10,000 clients need 10,000 connections.
//   --delay 200                 how long a token request takes, in milliseconds
//   --processes 4
//   --rounds 5                  how many renewals are measured
import { parseArgs } from "node:util"
import { startServer as startRedis } from "redis-servers"
import { countRedis } from "./countRedis.ts"
import { latencies } from "./latencies.ts"
import { ask, start } from "./race/childProcess.ts"
import { startServer } from "./race/startServer.ts"
import type { Herd } from "./scaleMember.ts"
import { ownCommands } from "./sharing.ts"

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "1,8,64,1000" },
    "clients-per-storage": { type: "string", default: "1" },
    delay: { type: "string", default: "200" },
    processes: { type: "string", default: "4" },
    rounds: { type: "string", default: "5" }
  }
})
const row = (cells: ReadonlyArray<string | number>) => console.log(`| ${cells.join(" | ")} |`)
const whole = (value: number): string => Math.round(value).toLocaleString("en")

const measure = async (size: number): Promise<void> => {
  await using redis = await startRedis({ config: { maxclients: "65000" } })
  await using server = await startServer()
  await server.set({ tokenDelay: Number(values.delay) })
  const processes = Math.min(size, Number(values.processes))
  const members = await Promise.all(
    Array.from({ length: processes }, (_, index) => {
      const own = Math.floor(size / processes) + (index < size % processes ? 1 : 0)
      return start("../scaleMember.ts", [server.base, redis.url, `${own}`, values["clients-per-storage"]])
    })
  )
  const round = async () => {
    const [before, tokens] = [await countRedis(redis.url), await server.tokenRequests()]
    const herds = await Promise.all(members.map(({ child }) => ask<Herd>(child, {})))
    const [after, now] = [await countRedis(redis.url), await server.tokenRequests()]
    const adopted = latencies()
    const first = Math.min(...herds.flatMap(({ issued }) => issued))
    for (const at of herds.flatMap((herd) => herd.adopted)) adopted.add(Math.max(0, at - first))
    const total = (of: (herd: Herd) => number) => herds.reduce((sum, herd) => sum + of(herd), 0)
    // Each client has to get the token by itself, also where it shares connections.
    const own = total((herd) => herd.issued.length + herd.adopted.length)
    if (own !== size) throw new Error(`${own} of ${size} clients got the token.`)
    return {
      tokens: now - tokens,
      failures: total(({ failures }) => failures),
      faults: total(({ faults }) => faults),
      waited: total(({ waited }) => waited),
      commands: after.commands - before.commands,
      handshakes: after.handshakes - before.handshakes,
      bytes: after.bytes - before.bytes,
      processor: after.processor - before.processor,
      connections: after.connections,
      p50: adopted.at(0.5),
      p99: adopted.at(0.99)
    }
  }
  const report = (name: string, rounds: ReadonlyArray<Awaited<ReturnType<typeof round>>>) => {
    const mean = (of: keyof (typeof rounds)[number]) => rounds.reduce((sum, each) => sum + each[of], 0) / rounds.length
    const waited = mean("waited")
    // A client that finds the new token sends one command.
    const others = mean("tokens") * ownCommands + Math.max(0, size - mean("tokens") - waited)
    row([
      whole(size),
      name,
      mean("tokens"),
      mean("failures"),
      mean("faults"),
      whole(waited),
      whole(mean("commands")),
      waited > 0 ? ((mean("commands") - others) / waited).toFixed(2) : "–",
      (mean("handshakes") / size).toFixed(1),
      ...[mean("bytes") / 1_000, mean("connections"), mean("processor")].map(whole),
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

const columns = [
  "clients",
  "",
  "token requests",
  "failed",
  "faults of the storage",
  "waited",
  "commands",
  "… of a client that waited",
  "handshake, per client",
  "kB",
  "connections",
  "Redis, ms of processor",
  "adopted after, ms",
  "99 % after, ms"
]
row(columns)
row(columns.map(() => "---"))
for (const size of values.clients.split(",")) await measure(Number(size))
