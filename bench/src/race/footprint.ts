import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { gzipSync } from "node:zlib"
import { type OutputChunk, rolldown } from "rolldown"
import { importOf, measure } from "../importTime.ts"
import { ask, start } from "./childProcess.ts"
import { entries, moduleOf } from "./entries.ts"
import type { MemberAnswer, MemberRequest } from "./member.ts"
import { optionsOf, participants, type Race } from "./Race.ts"
import type { Table } from "./Table.ts"

const application = "\0application"

/** Bundles a program that creates a client, with everything that it imports. */
const bundleOf = async (name: string, dir: string): Promise<ReadonlyArray<OutputChunk>> => {
  const bundle = await rolldown({
    input: application,
    platform: "node",
    logLevel: "silent",
    plugins: [
      {
        name: "application",
        resolveId: (id) => (id === application ? id : null),
        load: (id) =>
          id === application
            ? `export { ${entries[name]?.create ?? "create"} } from ${JSON.stringify(new URL(moduleOf(name)).pathname)}`
            : null
      }
    ]
  })
  const { output } = await bundle.write({
    dir,
    entryFileNames: "entry.mjs",
    chunkFileNames: "[hash].mjs",
    minify: true
  })
  await bundle.close()
  return output.filter((file): file is OutputChunk => file.type === "chunk")
}

/** Minified and gzipped. What loads on first use is left out. */
const kilobytesOf = (chunks: ReadonlyArray<OutputChunk>): number =>
  chunks
    .filter(({ isDynamicEntry }) => !isDynamicEntry)
    .reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0) / 1_000

/** Bytes of heap for each of many clients with a token, in a process of its own. */
const bytesPerClient = async (race: Race, name: string, clients: number): Promise<number> => {
  const { child, stop } = await start("member.ts")
  const message: MemberRequest = { type: "memory", name, clients, options: optionsOf(race, name, `memory-${clients}`) }
  const { bytes } = await ask<MemberAnswer>(child, message)
  await stop()
  return bytes
}

/** What a client weighs. */
export const footprint = async (race: Race): Promise<Table> => {
  const folder = mkdtempSync(join(tmpdir(), "tokenkeep-bundles-"))
  const rows: Record<string, Record<string, ReadonlyArray<number>>> = {}
  const programs: Record<string, string> = {}
  for (const [index, name] of participants(race, "footprint").entries()) {
    const dir = join(folder, `${index}`)
    rows[name] = { "bundle, gzipped kB": [kilobytesOf(await bundleOf(name, dir))] }
    programs[name] = importOf(pathToFileURL(join(dir, "entry.mjs")).href)
  }
  for (const [name, { wall }] of await measure(programs, race.rounds)) {
    const bytes = await bytesPerClient(race, name, Math.ceil(1_000 * race.scale))
    rows[name] = { ...rows[name], "import, ms": wall, "memory per client, bytes": [bytes] }
  }
  rmSync(folder, { recursive: true })
  return {
    title: "Size, import and memory",
    note: "The bundle contains a program that creates one client. It is imported in a new process each time; some libraries load Node's `fetch` or `http` during the import, others with the first request. The memory is that of 1,000 clients with a token; values within some thousand bytes of zero are noise.",
    rows
  }
}

/** Clients of their own, and clients of a pool, from few to many. */
export const manyClients = async (race: Race): Promise<Table> => {
  const sizes = [10, 100, 1_000, 10_000].map((size) => Math.ceil(size * race.scale))
  const rows: Record<string, Record<string, ReadonlyArray<number>>> = {}
  for (const name of ["tokenkeep", "tokenkeep, a pool", "wrapper"]) {
    const cells: Record<string, ReadonlyArray<number>> = {}
    for (const size of sizes) cells[`${size.toLocaleString("en")} clients`] = [await bytesPerClient(race, name, size)]
    rows[name] = cells
  }
  return {
    title: "Memory per client, from 10 to 10,000 clients",
    note: "Bytes of heap for each client with a token of its own, after garbage collection.",
    rows
  }
}
