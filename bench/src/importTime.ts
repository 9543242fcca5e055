// What importing a client costs: each in processes of its own, by turns, on the Node that runs this. The bundle is
// measured as it was built; `--rounds` sets how often. `pnpm import-time` builds it first.
import { execFile } from "node:child_process"
import { cpus, loadavg } from "node:os"
import { parseArgs, promisify } from "node:util"

const { values } = parseArgs({ options: { rounds: { type: "string" } } })
const rounds = Number(values.rounds ?? 15)

/** Node loads its fetch at the first touch. Whoever sends a request pays for that, with any client. */
const touch = "void globalThis.fetch; void Request;"

/** A machine that does other things as well lengthens the wall's time by itself, and the processor's by little. */
const timed = (what: string): string => `
  const [start, used] = [performance.now(), process.cpuUsage()]
  ${what}
  const { user, system } = process.cpuUsage(used)
  console.log(performance.now() - start, (user + system) / 1_000)`

const bundle = import.meta.resolve("tokenkeep")
const split = import.meta.resolve("@tokenkeep/deeply")

const subjects: Readonly<Record<string, string>> = {
  "fetch, touched for the first time": timed(touch),
  tokenkeep: timed(`await import(${JSON.stringify(bundle)})`),
  "tokenkeep, after fetch": touch + timed(`await import(${JSON.stringify(bundle)})`),
  "@tokenkeep/deeply and effect, after fetch": touch + timed(`await import(${JSON.stringify(split)})`)
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

const measured = new Map<string, Array<Cost>>(Object.keys(subjects).map((name) => [name, []]))
for (let round = 0; round < rounds; round += 1) {
  for (const [name, program] of Object.entries(subjects)) measured.get(name)?.push(await measure(program))
}

console.log(
  `Node ${process.versions.node}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, ${rounds} rounds, ms\n`
)
for (const [name, costs] of measured) {
  for (const kind of ["wall", "processor"] as const) {
    const sorted = costs.map((cost) => cost[kind]).toSorted((a, b) => a - b)
    const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(1).padStart(7)
    console.log(`${name.padEnd(42)} ${kind.padEnd(9)} median${at(0.5)}  least${at(0)}  most${at(1)}`)
  }
}
