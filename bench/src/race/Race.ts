import { entries, entriesOf, load, type Part } from "./entries.ts"
import type { Rival } from "./Rival.ts"
import type { Server } from "./startServer.ts"

/** One run of the race. */
export interface Race {
  readonly server: Server
  readonly rounds: number
  /** A part of the usual number of operations in each round, to try the race. */
  readonly scale: number
  /** A directory and a Redis for the entries that share tokens. */
  readonly storage: Readonly<Record<"file" | "redis", string | undefined>>
  /** The names of the entries that are left out. */
  readonly without: ReadonlyArray<string>
}

/** The names of those that take part. */
export const participants = ({ storage, without }: Race, part: Part): ReadonlyArray<string> =>
  entriesOf(part).filter((name) => {
    const kind = entries[name]?.isShared
    return !without.includes(name) && (kind === undefined || storage[kind] !== undefined)
  })

export const optionsOf = ({ server, storage }: Race, name: string, key: string) => {
  const kind = entries[name]?.isShared
  return { base: server.base, key, storage: kind === undefined ? undefined : storage[kind] }
}

/** A client of each participant in this process. */
export const createAll = async (race: Race, part: Part): Promise<ReadonlyMap<string, Rival>> => {
  const clients = new Map<string, Rival>()
  for (const name of participants(race, part)) {
    clients.set(name, await (await load(name))(optionsOf(race, name, `${part}-key`)))
  }
  return clients
}

export const closeAll = async (clients: ReadonlyMap<string, Rival>): Promise<void> => {
  for (const client of clients.values()) await client.close?.()
}
