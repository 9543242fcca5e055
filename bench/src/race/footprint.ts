import { gzipSync } from "node:zlib"
import { type OutputChunk, rolldown } from "rolldown"
import { ask, start } from "./childProcess.ts"
import { entries, moduleOf } from "./entries.ts"
import type { MemberAnswer, MemberRequest } from "./member.ts"
import { optionsOf, participants, type Race } from "./Race.ts"
import type { Table } from "./Table.ts"

const application = "\0application"

/** The kilobytes of a bundle with a client, minified and gzipped. What loads on first use is left out. */
const kilobytes = async (name: string): Promise<number> => {
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
  const { output } = await bundle.generate({ minify: true })
  await bundle.close()
  const chunks = output.filter((file): file is OutputChunk => file.type === "chunk" && !file.isDynamicEntry)
  return chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0) / 1_000
}

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
  const names = participants(race, "footprint")
  const rows: Record<string, Record<string, ReadonlyArray<number>>> = {}
  for (const name of names) {
    rows[name] = {
      "bundle, gzipped kB": [await kilobytes(name)],
      "memory per client, bytes": [await bytesPerClient(race, name, Math.ceil(1_000 * race.scale))]
    }
  }
  return {
    title: "Size and memory",
    note: "The bundle contains a program that creates one client, and the memory is that of 1,000 clients with a token. [Decision 11](../docs/decisions/0011-a-bundle-that-hides-effect.md) has the time to import.",
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
