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
import { storageKinds } from "fleet"
import { parseArgs } from "node:util"
import { type FaultKind, faultKinds } from "./chaos/faults.ts"
import { details, type Run, summary } from "./chaos/report.ts"
import { type ChaosOptions, providers, runChaos } from "./chaos/runChaos.ts"

const allFaults = Object.keys(faultKinds) as ReadonlyArray<FaultKind>
const text = (value: string) => ({ type: "string", default: value }) as const
const { values } = parseArgs({
  options: {
    on: text("file"),
    provider: text("strict"),
    seed: text(`${Math.floor(Math.random() * 2 ** 31)}`),
    faults: text("all"),
    seconds: text("300"),
    processes: text("8"),
    every: text("1000"),
    freeze: text("1500-8000")
  }
})

/** The values of a list option. Throws if one of them is not known. */
const listOf = <A extends string>(option: keyof typeof values, known: ReadonlyArray<A>): ReadonlyArray<A> =>
  values[option].split(",").map((value) => {
    const found = known.find((each) => each === value)
    if (found === undefined) throw new Error(`--${option} ${value} is unknown. Use ${known.join(", ")}.`)
    return found
  })

const faultsWith = (provider: ChaosOptions["provider"]): ReadonlyArray<FaultKind> => {
  if (values.faults !== "all") return listOf("faults", allFaults)
  return allFaults.filter((kind) => provider === "lenient" || (kind !== "outage" && kind !== "wipe"))
}
const [least = 1_500, most = least] = values.freeze.split("-").map(Number)
const combinations = listOf("on", storageKinds).flatMap((on) =>
  listOf("provider", providers).flatMap((provider) =>
    values.seed.split(",").map((seed): ChaosOptions => ({
      on,
      provider,
      seed: Number(seed),
      faults: faultsWith(provider),
      seconds: Number(values.seconds),
      processes: Number(values.processes),
      every: Number(values.every),
      freezeMillis: [least, most]
    }))
  )
)

console.log(
  `Node ${process.versions.node}, ${values.processes} processes, ${values.seconds} s a run, faults ${values.faults}, ` +
    `freezes of ${least} to ${most} ms, seed ${values.seed}`
)
// Without this, a signal ends the process without its exit handlers, which end the fleet and the Redis.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1))

const runs: Array<Run> = []
for (const options of combinations) {
  const run = [options, await runChaos(options)] as const
  runs.push(run)
  console.log(`\n${details(run)}`)
}
if (runs.length > 1) console.log(`\n${summary(runs)}`)
if (runs.some(([, { broken }]) => broken.length > 0)) process.exitCode = 1
