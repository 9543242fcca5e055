// Time to import a client, measured in a new process each time, on the Node that runs this file. The cases alternate.
// It measures the built bundle, which `pnpm import-time` builds first. `--rounds` sets the number of rounds.
import { execFile } from "node:child_process"
import { cpus, loadavg } from "node:os"
import { parseArgs, promisify } from "node:util"

const { values } = parseArgs({ options: { rounds: { type: "string" } } })
const rounds = Number(values.rounds ?? 15)

/** Node loads its fetch on first use. Any client that sends a request pays for that. */
const useFetch = "void globalThis.fetch; void Request;"

/** Load from other programs lengthens the wall time, and the processor time only a little. */
const timed = (program: string): string => `
  const [start, used] = [performance.now(), process.cpuUsage()]
  ${program}
  const { user, system } = process.cpuUsage(used)
  console.log(performance.now() - start, (user + system) / 1_000)`

const bundle = import.meta.resolve("tokenkeep")
const split = import.meta.resolve("@tokenkeep/deeply")

const programs: Readonly<Record<string, string>> = {
  "fetch, first use": timed(useFetch),
  tokenkeep: timed(`await import(${JSON.stringify(bundle)})`),
  "tokenkeep, after fetch": useFetch + timed(`await import(${JSON.stringify(bundle)})`),
  "@tokenkeep/deeply and effect, after fetch": useFetch + timed(`await import(${JSON.stringify(split)})`)
}

interface Cost {
  readonly wall: number
  readonly processor: number
}

const measure = async (program: string): Promise<Cost> => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program])
  const [wall = Number.NaN, processor = Number.NaN] = stdout.split(" ").map(Number)
  return { wall, processor }
}

const measured = new Map<string, Array<Cost>>(Object.keys(programs).map((name) => [name, []]))
for (let round = 0; round < rounds; round += 1) {
  for (const [name, program] of Object.entries(programs)) measured.get(name)?.push(await measure(program))
}

console.log(
  `Node ${process.versions.node}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, ${rounds} rounds, ms\n`
)
for (const [name, costs] of measured) {
  for (const kind of ["wall", "processor"] as const) {
    const sorted = costs.map((cost) => cost[kind]).toSorted((a, b) => a - b)
    const quantile = (part: number) =>
      (sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(1).padStart(7)
    console.log(`${name.padEnd(42)} ${kind.padEnd(9)} median${quantile(0.5)}  least${quantile(0)}  most${quantile(1)}`)
  }
}
