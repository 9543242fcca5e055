// Other libraries under the load of `grants`: the same processes, server, seed and faults, with the tokens in a Redis.
// Prints how many grants each loses, without faults and with them. Exits with 1 if Tokenkeep broke a promise.
//
//   --clients   tokenkeep,simple-oauth2,oauth2-client,openid-client,openid-client-lock: those that are run
//   --faults    none,all: without faults, and with all kinds; or freeze
//   --seed      random by default
//   --seconds 45, --every 500, --processes 8, --grants 8 and --freeze 1500-8000 as for `grants`
import { loadavg } from "node:os"
import { endOnSignals, faultOptions } from "./faultOptions.ts"
import { type GrantFault, grantFaults } from "./grants/faults.ts"
import { type RivalName, rivals } from "./grants/rivals/rivals.ts"
import { type Outcome, runRival, runTokenkeep } from "./grants/rivals/runRival.ts"

const names = ["tokenkeep", ...(Object.keys(rivals) as ReadonlyArray<RivalName>)] as const
const { headline, listOf, runs, same, text } = faultOptions({
  on: "redis",
  clients: names.join(","),
  faults: "none,all",
  grants: "8",
  seconds: "45",
  every: "500"
})
const faultsOf = {
  none: [],
  all: Object.keys(grantFaults) as ReadonlyArray<GrantFault>,
  freeze: ["freeze"]
} as const

// The rivals know no other storage.
listOf("on", ["redis"])
console.log(headline)
endOnSignals()

const row = (cells: ReadonlyArray<string | number>): string => `| ${cells.join(" | ")} |`
const rows: Array<string> = []
for (const faults of listOf("faults", ["none", "all", "freeze"])) {
  for (const { seed } of runs) {
    for (const name of listOf("clients", names)) {
      const options = { ...same, on: "redis" as const, seed, faults: faultsOf[faults], grants: Number(text("grants")) }
      const outcome: Outcome = await (name === "tokenkeep" ? runTokenkeep(options) : runRival(name, options))
      const { broken, failed, lost, requests, rotations, sentTwice } = outcome
      rows.push(row([name, faults, lost, sentTwice, rotations, requests, failed]))
      console.log(rows.at(-1))
      for (const each of broken) console.log(`BROKEN ${each}`)
      if (broken.length > 0) process.exitCode = 1
    }
  }
}
console.log(
  [
    "",
    row(["client", "faults", "grants lost", "sent twice", "rotations", "requests", "failed"]),
    row(Array.from({ length: 7 }, () => "---")),
    ...rows,
    "",
    `load of the machine at the end: ${loadavg()[0]?.toFixed(1)}`
  ].join("\n")
)
