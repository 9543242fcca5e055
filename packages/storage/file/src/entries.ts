import * as Effect from "effect/Effect"
import { type DiskError, readdir } from "./disk.ts"

/**
 * A file in the folder of a name. Its name is its fence and its kind, such as `41.record`. A released lease and a
 * withdrawn claim stay as files, so that their fences are not used again.
 */
export interface Entry {
  readonly file: string
  readonly fence: number
  readonly kind: "record" | "lease" | "released" | "withdrawn"
}

const entryPattern = /^(-?\d{1,16})\.(record|lease|released|withdrawn)$/

export const fileName = (fence: number, kind: Entry["kind"]): string => `${fence}.${kind}`

/** The entry of a file name, or undefined for a file that this storage did not write. */
export const parseEntry = (file: string): Entry | undefined => {
  const [, digits = "", kind] = entryPattern.exec(file) ?? []
  const fence = Number(digits)
  if (kind === undefined || String(fence) !== digits || !Number.isSafeInteger(fence)) return undefined
  return { file, fence, kind: kind as Entry["kind"] }
}

export const isRecord = ({ kind }: Entry): boolean => kind === "record"

/** The entries among the files of a folder, lowest fence first. */
export const entriesOf = (files: ReadonlyArray<string>): ReadonlyArray<Entry> =>
  files
    .map(parseEntry)
    .filter((entry) => entry !== undefined)
    .toSorted((a, b) => a.fence - b.fence)

/** The entries of a folder, lowest fence first. */
export const readEntries = (folder: string): Effect.Effect<ReadonlyArray<Entry>, DiskError> =>
  Effect.map(readdir(folder), entriesOf)

/** Whether a record or a lease with a higher fence exists or existed. */
export const hasHigherFence = (entries: ReadonlyArray<Entry>, fence: number): boolean =>
  entries.some((entry) => entry.fence > fence && entry.kind !== "withdrawn")

/** Whether a lease with a higher fence was granted. */
export const isGrantedAbove = (entries: ReadonlyArray<Entry>, fence: number): boolean =>
  hasHigherFence(
    entries.filter((entry) => !isRecord(entry)),
    fence
  )
