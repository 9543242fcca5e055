// Processes that share rotating refresh tokens on a file or a Redis, with the certified server oidc-provider, while faults
// come: processes are killed and frozen, the storage fails, responses are lost. Exits with 1 if a promise is broken.
//
// Each of these takes a list. Every combination is one run:
//   --on        file (default), redis
//   --server    strict (default: a refresh token that is used twice revokes the consent), grace (it is accepted again for
//               a while)
//   --seed      random by default
//
// And these, with their defaults:
//   --faults    kill,freeze,storage,response; none for a run without faults
//   --freeze    1500-8000: how long a freeze lasts, in milliseconds
//   --every     1000: milliseconds between two faults, on average
//   --seconds 300, --processes 8 and --grants 8
import { storageKinds } from "fleet"
import { loadavg } from "node:os"
import { parseArgs } from "node:util"
import { type GrantFault, grantFaults } from "./grants/faults.ts"
import { details, type GrantRun, table } from "./grants/report.ts"
import { type GrantOptions, runGrants, servers } from "./grants/runGrants.ts"

const allFaults = Object.keys(grantFaults) as ReadonlyArray<GrantFault>
const text = (value: string) => ({ type: "string", default: value }) as const
const { values } = parseArgs({
  options: {
    on: text("file"),
    server: text("strict"),
    seed: text(`${Math.floor(Math.random() * 2 ** 31)}`),
    faults: text(allFaults.join(",")),
    seconds: text("300"),
    processes: text("8"),
    grants: text("8"),
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

const faults = values.faults === "none" ? [] : listOf("faults", allFaults)
const [least = 1_500, most = least] = values.freeze.split("-").map(Number)
const combinations = listOf("on", storageKinds).flatMap((on) =>
  listOf("server", servers).flatMap((server) =>
    values.seed.split(",").map((seed): GrantOptions => ({
      on,
      server,
      seed: Number(seed),
      faults,
      seconds: Number(values.seconds),
      processes: Number(values.processes),
      grants: Number(values.grants),
      every: Number(values.every),
      freezeMillis: [least, most]
    }))
  )
)

console.log(
  `Node ${process.versions.node}, ${values.processes} processes, ${values.grants} grants, ${values.seconds} s a run, ` +
    `faults ${values.faults}, freezes of ${least} to ${most} ms, seed ${values.seed}`
)
// Without this, a signal ends the process without its exit handlers, which end the fleet and the Redis.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1))

const runs: Array<GrantRun> = []
for (const options of combinations) {
  const run = [options, await runGrants(options)] as const
  runs.push(run)
  console.log(`\n${details(run)}`)
}
console.log(`\n${table(runs)}\n\nload of the machine at the end: ${loadavg()[0]?.toFixed(1)}`)
if (runs.some(([, { broken }]) => broken.length > 0)) process.exitCode = 1
