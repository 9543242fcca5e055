import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import type { Stats } from "node:fs"
import { dirname, join } from "node:path"
import process from "node:process"
import { DiskFault, lstat, mkdir, onCode, readdir, stat } from "./disk.ts"
import { isPermitted } from "./permission.ts"

/** Undefined where there are no users (Windows), or where Deno does not tell. */
const user = (): number | undefined => (isPermitted({ name: "sys", kind: "uid" }) ? process.geteuid?.() : undefined)

/** Windows has no such bits, and Node makes them up there. */
const hasModes = process.platform !== "win32"

const isMine = ({ uid }: Stats): boolean => [uid, undefined].includes(user())

/** Whether a file is one that this user wrote, and that nobody else can read. */
export const isPrivate = (file: Stats): boolean =>
  file.isFile() && isMine(file) && !(hasModes && (file.mode & 0o077) !== 0)

const insecure = (detail: string) => new DiskFault({ code: "INSECURE", detail, insecure: true })

const trusted = (found: Stats): Effect.Effect<void, DiskFault> => {
  if (!found.isDirectory()) return Effect.fail(new DiskFault({ code: "ENOTDIR", detail: "ENOTDIR (stat)" }))
  if (!isMine(found)) return Effect.fail(insecure("the directory belongs to another user"))
  if (hasModes && (found.mode & 0o022) !== 0) {
    return Effect.fail(insecure("other users may write to the directory"))
  }
  return Effect.void
}

type Look = typeof stat

const isThere = (path: string, look: Look): Effect.Effect<boolean, DiskFault> =>
  look(path).pipe(
    Effect.flatMap(trusted),
    Effect.as(true),
    onCode("ENOENT", () => Effect.succeed(false))
  )

const makeWithParents = (path: string): Effect.Effect<void, DiskFault> =>
  mkdir(path).pipe(
    onCode("ENOENT", () =>
      dirname(path) === path ? Effect.void : Effect.andThen(makeWithParents(dirname(path)), mkdir(path))
    )
  )

const ensure = Effect.fnUntraced(function* (path: string, look: Look) {
  if (yield* isThere(path, look)) return
  yield* makeWithParents(path)
  yield* Effect.flatMap(look(path), trusted)
})

const plainName = /^[a-z0-9][a-z0-9-]{0,99}$/
const devices = /^(con|prn|aux|nul|com\d|lpt\d)$/

/**
 * The folder of a name: the name itself where every system takes it as it is, else a digest, which begins with what no
 * plain name does. Two names never share one, and none leaves the directory.
 */
export const folderName = (name: string): string =>
  plainName.test(name) && !devices.test(name)
    ? name
    : // UTF-16, because UTF-8 writes all lone surrogates alike.
      `_${createHash("sha256").update(name, "utf16le").digest("hex")}`

/** Whether a folder's name is one that {@link folderName} gives. */
export const isFolderName = (name: string): boolean => plainName.test(name) || /^_[0-9a-f]{64}$/.test(name)

export const temporaryFolder = (directory: string): string => join(directory, ".tmp")

/** The folder of a name, undefined while there is none; fails unless this user alone can write in it. */
export const openFolder = Effect.fnUntraced(function* (directory: string, name: string) {
  const folder = join(directory, folderName(name))
  // The directory may be a link: what counts is where it leads.
  if (!(yield* isThere(directory, stat))) return undefined
  return (yield* isThere(folder, lstat)) ? folder : undefined
})

/** The folder of a name, made where it is missing; fails unless this user alone can write in it. */
export const makeFolder = Effect.fnUntraced(function* (directory: string, name: string) {
  const folder = join(directory, folderName(name))
  yield* ensure(directory, stat)
  yield* ensure(temporaryFolder(directory), lstat)
  yield* ensure(folder, lstat)
  return folder
})

/**
 * A file of a folder: a record, a lease, what a lease leaves behind, or a claim that came to nothing. The last two keep
 * their fence from being granted again.
 */
export interface Entry {
  readonly file: string
  readonly fence: number
  readonly kind: "record" | "lease" | "released" | "withdrawn"
}

const entryPattern = /^(-?\d{1,16})\.(record|lease|released|withdrawn)$/

export const fileName = (fence: number, kind: Entry["kind"]): string => `${fence}.${kind}`

export const entryOf = (file: string): Entry | undefined => {
  const [, digits = "", kind] = entryPattern.exec(file) ?? []
  const fence = Number(digits)
  if (kind === undefined || String(fence) !== digits || !Number.isSafeInteger(fence)) return undefined
  return { file, fence, kind: kind as Entry["kind"] }
}

/** What is in a folder, lowest fence first. */
export const entriesOf = (folder: string): Effect.Effect<ReadonlyArray<Entry>, DiskFault> =>
  Effect.map(readdir(folder), (files) =>
    files
      .map(entryOf)
      .filter((entry) => entry !== undefined)
      .toSorted((a, b) => a.fence - b.fence)
  )

/** Whether a record or a lease with a higher fence is there, or was. */
export const hasHigher = (entries: ReadonlyArray<Entry>, fence: number): boolean =>
  entries.some((entry) => entry.fence > fence && entry.kind !== "withdrawn")
