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
import { loadavg } from "node:os"
import { endOnSignals, faultOptions } from "./faultOptions.ts"
import { type GrantFault, grantFaults } from "./grants/faults.ts"
import { details, type GrantRun, table } from "./grants/report.ts"
import { type GrantOptions, runGrants, servers } from "./grants/runGrants.ts"

const allFaults = Object.keys(grantFaults) as ReadonlyArray<GrantFault>
const {
  headline,
  listOf,
  runs: storages,
  same,
  text
} = faultOptions({
  server: "strict",
  faults: allFaults.join(","),
  grants: "8"
})
const faults = text("faults") === "none" ? [] : listOf("faults", allFaults)
const combinations = storages.flatMap(({ on, seed }) =>
  listOf("server", servers).map((server): GrantOptions => ({
    ...same,
    on,
    server,
    seed,
    faults,
    grants: Number(text("grants"))
  }))
)

console.log(headline)
endOnSignals()

const runs: Array<GrantRun> = []
for (const options of combinations) {
  const run = [options, await runGrants(options)] as const
  runs.push(run)
  console.log(`\n${details(run)}`)
}
console.log(`\n${table(runs)}\n\nload of the machine at the end: ${loadavg()[0]?.toFixed(1)}`)
if (runs.some(([, { broken }]) => broken.length > 0)) process.exitCode = 1
