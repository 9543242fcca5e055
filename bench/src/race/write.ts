import { execFileSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { cpus, loadavg } from "node:os"
import { join } from "node:path"
import { barsOf, markdownOfBars } from "./bars.ts"
import { chart } from "./chart.ts"
import { entries } from "./entries.ts"
import { markdownOf, type Table, valueOf } from "./Table.ts"

interface Run {
  readonly rounds: number
  readonly minutes: number
  readonly folder?: string | undefined
}

const root = join(import.meta.dirname, "../../..")

const intro = ({ minutes, rounds }: Run): string => `# The race

\`npx -y pnpm@12 bench\` wrote this page in ${minutes.toFixed(0)} minutes: Node ${process.versions.node} on ${process.platform}, ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}), load ${loadavg()[0]?.toFixed(1)} at the end. Every number is the median of
${rounds} rounds with the range in brackets, unless it was measured once. All cases of a table take turns in each round. "(A/A)"
is the same code measured twice: what is within that difference is noise.`

const byHand = (): string =>
  [
    "## What was written by hand",
    "",
    "Each library is set up as its documentation shows, with its own cache where it has one.",
    "",
    ...Object.entries(entries)
      .filter(([name]) => !name.startsWith("tokenkeep"))
      .map(([name, { byHand: text }]) => `- ${name}: ${text}`)
  ].join("\n")

/** The charts by their paths, from the root of the repository. */
const chartsOf = (tables: ReadonlyArray<Table>): Readonly<Record<string, string>> => {
  const titled = (text: string) => tables.find(({ title }) => title.includes(text))
  const [token, get, stampede] = [
    titled("cached token"),
    titled("GET over loopback, 50"),
    titled("voids the one before")
  ]
  const isRepeated = (row: string) => row.includes("(A/A)")
  return {
    ...(token && {
      "bench/cached-token.svg": chart({
        title: "A cached token, nanoseconds for each call",
        subtitle: "One caller awaits it. Logarithmic: each quarter of the width is several times more.",
        table: token,
        column: "one caller, ns",
        unit: "ns",
        isLeftOut: isRepeated,
        isLogarithmic: true
      })
    }),
    ...(get && {
      "bench/requests.svg": chart({
        title: "Authorized requests per second, 50 at a time",
        subtitle: "As a multiple of bare fetch. Longer is better.",
        table: get,
        column: "× bare fetch",
        unit: "×",
        isMoreBetter: true,
        isLeftOut: isRepeated
      })
    }),
    ...(stampede && {
      "docs/stampede.svg": chart({
        title: "8 processes send 50 requests each, and no token is there yet",
        subtitle: "Failed requests of 400. The provider voids the previous token whenever it issues one.",
        table: stampede,
        column: "failed requests",
        unit: "",
        label: (row, value) => {
          const tokens = valueOf(stampede, row, "token requests") ?? 0
          return `${value} failed, ${tokens} token ${tokens === 1 ? "request" : "requests"}`
        }
      })
    })
  }
}

/** Writes the tables as Markdown and JSON, and the charts. */
export const write = (tables: ReadonlyArray<Table>, run: Run): void => {
  const { folder } = run
  if (folder !== undefined) mkdirSync(folder, { recursive: true })
  const save = (path: string, text: string) => {
    const file = folder === undefined ? join(root, path) : join(folder, path.replaceAll("/", "-"))
    writeFileSync(file, text)
    return file
  }
  const bars = barsOf(tables)
  const page = [intro(run), `## Bars\n\n${markdownOfBars(bars)}`, ...tables.map(markdownOf), byHand()].join("\n\n")
  const files = [
    save("bench/results.md", `${page}\n`),
    save("bench/results.json", JSON.stringify({ node: process.versions.node, rounds: run.rounds, bars, tables }))
  ]
  execFileSync(join(root, "node_modules/.bin/oxfmt"), files)
  for (const [path, text] of Object.entries(chartsOf(tables))) save(path, text)
  console.log(`\n${markdownOfBars(bars)}`)
}
