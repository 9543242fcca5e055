// What a start of the command costs: `tokenkeep token` with a fresh token in the storage, against an empty Node program, in
// a new process each time. The cases alternate. It measures the built bundle, which `pnpm bench:start` builds first.
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import type { Readable } from "node:stream"
import { parseArgs } from "node:util"

const { values } = parseArgs({ options: { rounds: { type: "string" } } })
const rounds = Number(values.rounds ?? 15)

const home = mkdtempSync(join(tmpdir(), "command-start-"))
const command = join(import.meta.dirname, "../../packages/cli/dist/main.js")
await using fake = await startFakeDeeply()

/** Each process reports its own processor time when it ends: load from other programs changes that only a little. */
const report = `import { writeSync } from "node:fs"
process.on("exit", () => { const { user, system } = process.cpuUsage(); writeSync(3, String((user + system) / 1_000)) })`
const reporting = ["--import", `data:text/javascript,${encodeURIComponent(report)}`]

const cases: Readonly<Record<string, ReadonlyArray<string>>> = {
  "an empty program": ["--eval", "0"],
  "tokenkeep --version": [command, "--version"],
  "tokenkeep token": [command, "token"],
  "tokenkeep token, again": [command, "token"]
}

const measure = async (args: ReadonlyArray<string>): Promise<number> => {
  const env = { PATH: process.env["PATH"], HOME: home, DEEPLY_API_KEY: fake.apiKey, DEEPLY_HOST: fake.url }
  const child = spawn(process.execPath, [...reporting, ...args], {
    env,
    stdio: ["ignore", "ignore", "inherit", "pipe"]
  })
  return Number(await text(child.stdio[3] as Readable))
}

await measure([command, "token"])
const measured = new Map<string, Array<number>>(Object.keys(cases).map((name) => [name, []]))
for (let round = 0; round < rounds; round += 1) {
  for (const [name, args] of Object.entries(cases)) measured.get(name)?.push(await measure(args))
}
rmSync(home, { recursive: true, force: true })

const machine = `${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}`
console.log(`Node ${process.versions.node}, ${machine}, ${rounds} rounds, ms of processor time\n`)
for (const [name, costs] of measured) {
  const sorted = costs.toSorted((a, b) => a - b)
  const quantile = (part: number) =>
    (sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(1).padStart(7)
  console.log(`${name.padEnd(24)} median${quantile(0.5)}  least${quantile(0)}  most${quantile(1)}`)
}
console.log(`\ntoken requests: ${fake.stats.tokenRequests}`)
