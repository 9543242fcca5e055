// What sharing costs: from the moment one process has a token until all others use it, for 1 to 32 processes on a file
// and on a Redis. `--rounds`, `--processes 8,32` and `--redis redis://…` change what is measured; without a Redis, the
// file alone is.
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { type Member, startFleet, summed } from "./fleet/Fleet.ts"
import { latencies } from "./latencies.ts"

const { values } = parseArgs({
  options: { rounds: { type: "string" }, processes: { type: "string" }, redis: { type: "string" } }
})
const sizes = (values.processes ?? "1,2,8,16,32").split(",").map(Number)
const rounds = Number(values.rounds ?? 20)

const measure = async (place: string, size: number) => {
  // Tokens that tell their end: a learned one would have them renewed early, and not just when they are refused.
  await using server = await startFakeDeeply({ rateLimits: false, issueLatency: 200, jwt: true })
  const adopted = latencies()
  let issuedAt: number | undefined
  let adoptions: Array<number> = []
  const onEvent = (event: Member["events"][number]) => {
    if (event.type === "issued") issuedAt = event.at
    if (event.type === "adopted") adoptions.push(event.at)
  }
  const job = { place, apiKey: server.apiKey, url: server.url, callers: 10, deadline: 10_000 }
  const fleet = await startFleet(size, job, onEvent)
  const failed: Record<string, number> = {}
  const before = server.stats.issueCalls
  for (let round = 0; round < rounds; round += 1) {
    issuedAt = undefined
    adoptions = []
    server.expireTokens()
    const { failures } = summed(await fleet.round(round))
    for (const [code, times] of Object.entries(failures)) failed[code] = (failed[code] ?? 0) + times
    for (const at of adoptions) adopted.add(Math.max(0, at - (issuedAt ?? at)))
  }
  const issueCalls = server.stats.issueCalls - before
  await fleet.stop()
  const line = [
    place.split(":")[0]!.padEnd(6),
    String(size).padStart(9),
    String(issueCalls).padStart(12),
    String(Object.values(failed).reduce((sum, times) => sum + times, 0)).padStart(7),
    size === 1 ? "-".padStart(11) : `${adopted.at(0.5)} ms`.padStart(11),
    size === 1 ? "-".padStart(11) : `${adopted.at(0.99)} ms`.padStart(11)
  ]
  console.log(line.join(" "), ...Object.entries(failed).map(([code, times]) => `${code} ${times}`))
}

console.log(`Node ${process.versions.node}, ${rounds} expiries each, 10 callers a process, the issuer takes 200 ms`)
console.log("place  processes  issue calls  failed  adopted p50         p99")
for (const size of sizes) {
  const directory = await mkdtemp(join(tmpdir(), "tokenkeep-sharing-"))
  await measure(`file:${directory}`, size)
  await rm(directory, { recursive: true })
  if (values.redis !== undefined) await measure(values.redis, size)
}
