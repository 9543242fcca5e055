import { cachedToken } from "./cachedToken.ts"
import { footprint, manyClients } from "./footprint.ts"
import { rotation, sharing } from "./processes.ts"
import type { Race } from "./Race.ts"
import { requests } from "./requests.ts"
import { revocation } from "./revocation.ts"
import { stampede } from "./stampede.ts"
import type { Table } from "./Table.ts"

/** The parts of the race by name. */
const parts = (run: Race, seconds: number): Readonly<Record<string, ReadonlyArray<() => Promise<Table>>>> => {
  const callers = (count: number) => Math.ceil(count * run.scale)
  const fleet = { part: "fleet", processes: Math.max(2, callers(8)), callers: callers(50) } as const
  const sizes = [1, 2, 4, 8, 16, 32, 64].filter((size) => size <= 64 * run.scale || size <= 2)
  const hasRedis = run.storage.redis !== undefined
  return {
    token: [() => cachedToken(run)],
    requests: (["GET", "POST"] as const).flatMap((kind) => [1, 50].map((width) => () => requests(run, kind, width))),
    stampede: [() => stampede(run, { part: "stampede", processes: 1, callers: callers(1_000), voidsPrevious: false })],
    fleet: [false, true].map((voidsPrevious) => () => stampede(run, { ...fleet, voidsPrevious })),
    revocation: [() => revocation(run)],
    footprint: [() => footprint(run), () => manyClients(run)],
    sharing: [() => sharing(sizes, run.rounds, hasRedis)],
    rotation: hasRedis ? [() => rotation(seconds)] : []
  }
}

/** Runs the parts one after the other, and reports each table when it is done. */
export const runRace = async (
  run: Race,
  names: ReadonlyArray<string>,
  { onTable, seconds }: { readonly seconds: number; readonly onTable?: (table: Table) => void }
): Promise<ReadonlyArray<Table>> => {
  const tables: Array<Table> = []
  for (const name of names) {
    for (const measure of parts(run, seconds)[name] ?? []) {
      const table = await measure()
      tables.push(table)
      onTable?.(table)
    }
  }
  return tables
}
