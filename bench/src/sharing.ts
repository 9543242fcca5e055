// What sharing costs: from the moment one process fetched a token until all others use it, for 1 to 32 processes on a
// file and on a Redis. `--rounds`, `--processes 8,32` and `--redis redis://…` change what is measured. Without `--redis`
// only the file is measured.
import type { TokenEvent } from "@tokenkeep/core"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { startFleet, startStorage } from "fleet"
import { parseArgs } from "node:util"
import { latencies } from "./latencies.ts"

const { values } = parseArgs({
  options: { rounds: { type: "string" }, processes: { type: "string" }, redis: { type: "string" } }
})
const sizes = (values.processes ?? "1,2,8,16,32").split(",").map(Number)
const rounds = Number(values.rounds ?? 20)

const measure = async (storageUrl: string, size: number) => {
  // The tokens are JWTs that say when they expire. With a learned lifetime they would be renewed before the server
  // refuses them.
  await using server = await startFakeDeeply({ rateLimits: false, tokenRequestLatency: 200, jwt: true })
  const adopted = latencies()
  let issuedAt: number | undefined
  let adoptions: Array<number> = []
  const onTokenEvent = (event: TokenEvent) => {
    if (event.type === "issued") issuedAt = event.at
    if (event.type === "adopted") adoptions.push(event.at)
  }
  const options = { storageUrl, apiKey: server.apiKey, host: server.url, callers: 10, deadline: 10_000 }
  await using fleet = await startFleet(size, options, onTokenEvent)
  for (let round = 0; round < rounds; round += 1) {
    issuedAt = undefined
    adoptions = []
    server.expireTokens()
    await fleet.round()
    for (const at of adoptions) adopted.add(Math.max(0, at - (issuedAt ?? at)))
  }
  const failures = fleet.failures()
  await fleet.stop()
  const line = [
    storageUrl.split(":")[0]!.padEnd(7),
    String(size).padStart(9),
    String(server.stats.tokenRequests).padStart(15),
    String(failures.length).padStart(7),
    size === 1 ? "-".padStart(11) : `${adopted.at(0.5)} ms`.padStart(11),
    size === 1 ? "-".padStart(11) : `${adopted.at(0.99)} ms`.padStart(11)
  ]
  console.log(line.join(" "), ...new Set(failures.map(({ code }) => code)))
}

console.log(
  `Node ${process.versions.node}, ${rounds} expiries each, 10 callers a process, a token request takes 200 ms`
)
console.log("storage processes  token requests  failed adopted p50         p99")
for (const size of sizes) {
  await using file = await startStorage("file")
  await measure(file.url, size)
  if (values.redis !== undefined) await measure(values.redis, size)
}
