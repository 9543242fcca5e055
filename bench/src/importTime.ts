// Time to import a client, measured in a new process each time, on the Node that runs this file. The cases alternate.
// It measures the built bundle, which `pnpm import-time` builds first. `--rounds` sets the number of rounds.
import { execFile } from "node:child_process"
import { cpus, loadavg } from "node:os"
import { parseArgs, promisify } from "node:util"

/** Node loads its fetch on first use. Any client that sends a request pays for that. */
const useFetch = "void globalThis.fetch; void Request;"

/** Load from other programs lengthens the wall time, and the processor time only a little. */
const timed = (program: string): string => `
  const [start, used] = [performance.now(), process.cpuUsage()]
  ${program}
  const { user, system } = process.cpuUsage(used)
  console.log(performance.now() - start, (user + system) / 1_000)`

/** A program that times an import. */
export const importOf = (url: string): string => timed(`await import(${JSON.stringify(url)})`)

/** Milliseconds of each round. */
interface Costs {
  readonly wall: Array<number>
  readonly processor: Array<number>
}

/** Runs each program in a new process, in turn, round after round. */
export const measure = async (
  programs: Readonly<Record<string, string>>,
  rounds: number
): Promise<ReadonlyMap<string, Costs>> => {
  const measured = new Map(Object.keys(programs).map((name): [string, Costs] => [name, { wall: [], processor: [] }]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, program] of Object.entries(programs)) {
      const args = [...process.execArgv, "--input-type=module", "--eval", program]
      const { stdout } = await promisify(execFile)(process.execPath, args)
      const [wall = Number.NaN, processor = Number.NaN] = stdout.split(" ").map(Number)
      measured.get(name)?.wall.push(wall)
      measured.get(name)?.processor.push(processor)
    }
  }
  return measured
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { rounds: { type: "string" } } })
  const rounds = Number(values.rounds ?? 15)
  const bundle = import.meta.resolve("tokenkeep")
  const programs = {
    "fetch, first use": timed(useFetch),
    tokenkeep: importOf(bundle),
    "tokenkeep, after fetch": useFetch + importOf(bundle),
    "@tokenkeep/deeply and effect, after fetch": useFetch + importOf(import.meta.resolve("@tokenkeep/deeply"))
  }
  const load = loadavg()[0]?.toFixed(1)
  console.log(`Node ${process.versions.node}, ${cpus().length} cores, load ${load}, ${rounds} rounds, ms\n`)
  for (const [name, costs] of await measure(programs, rounds)) {
    for (const kind of ["wall", "processor"] as const) {
      const sorted = costs[kind].toSorted((a, b) => a - b)
      const quantile = (part: number) =>
        (sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(1).padStart(7)
      console.log(
        `${name.padEnd(42)} ${kind.padEnd(9)} median${quantile(0.5)}  least${quantile(0)}  most${quantile(1)}`
      )
    }
  }
}
