// Processes that share one token on a file or a Redis, while faults come: processes are killed and frozen, what is
// stored is torn and removed, the Redis hangs and is down. Exits with 1 if a request failed or another promise broke.
//
// Each of these takes a list, such as `--seed 1,2,3`. Every combination of storage, provider and seed is one run:
//   --on        file (default), redis
//   --provider  strict (default: a new token voids the previous one), lenient
//   --seed      random by default
//
// And these, with their defaults:
//   --faults    kill,freeze,tear,wipe,hang,outage; wipe and outage only with the lenient provider: if the storage loses a
//               lease or is down, processes fetch tokens of their own, and a strict provider voids those of the others
//   --freeze    1500-8000: how long a freeze lasts, in milliseconds
//   --every     1000: milliseconds between two faults, on average
//   --seconds 300 and --processes 8
import { type FaultKind, faultKinds } from "./chaos/faults.ts"
import { details, type Run, summary } from "./chaos/report.ts"
import { type ChaosOptions, providers, runChaos } from "./chaos/runChaos.ts"
import { endOnSignals, faultOptions } from "./faultOptions.ts"

const allFaults = Object.keys(faultKinds) as ReadonlyArray<FaultKind>
const { headline, listOf, runs: storages, same, text } = faultOptions({ provider: "strict", faults: "all" })

const faultsWith = (provider: ChaosOptions["provider"]): ReadonlyArray<FaultKind> => {
  if (text("faults") !== "all") return listOf("faults", allFaults)
  return allFaults.filter((kind) => provider === "lenient" || (kind !== "outage" && kind !== "wipe"))
}
const combinations = storages.flatMap(({ on, seed }) =>
  listOf("provider", providers).map((provider): ChaosOptions => ({
    ...same,
    on,
    provider,
    seed,
    faults: faultsWith(provider)
  }))
)

console.log(headline)
endOnSignals()

const runs: Array<Run> = []
for (const options of combinations) {
  const run = [options, await runChaos(options)] as const
  runs.push(run)
  console.log(`\n${details(run)}`)
}
if (runs.length > 1) console.log(`\n${summary(runs)}`)
if (runs.some(([, { broken }]) => broken.length > 0)) process.exitCode = 1
