import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { dirname, join } from "node:path"
import { type DiskError, lstat, mkdir, onCode, stat } from "./disk.ts"
import { checkDirectory } from "./ownership.ts"

/** `stat` follows a link, `lstat` does not. */
type ReadStats = typeof stat

const exists = (path: string, readStats: ReadStats): Effect.Effect<boolean, DiskError> =>
  readStats(path).pipe(
    Effect.flatMap(checkDirectory),
    Effect.as(true),
    onCode("ENOENT", () => Effect.succeed(false))
  )

const makeWithParents = (path: string): Effect.Effect<void, DiskError> =>
  mkdir(path).pipe(
    onCode("ENOENT", () =>
      dirname(path) === path ? Effect.void : Effect.andThen(makeWithParents(dirname(path)), mkdir(path))
    )
  )

const ensureExists = Effect.fnUntraced(function* (path: string, readStats: ReadStats) {
  if (yield* exists(path, readStats)) return
  yield* makeWithParents(path)
  yield* Effect.flatMap(readStats(path), checkDirectory)
})

const plainName = /^[a-z0-9][a-z0-9-]{0,99}$/
const windowsDevice = /^(con|prn|aux|nul|com\d|lpt\d)$/

/**
 * The folder of a name: the name itself if every file system accepts it, otherwise a digest of it after an underscore.
 * Two names never share a folder, and no folder is outside the directory.
 */
export const folderName = (name: string): string =>
  plainName.test(name) && !windowsDevice.test(name)
    ? name
    : // UTF-8 would encode all lone surrogates alike, UTF-16 does not.
      `_${createHash("sha256").update(name, "utf16le").digest("hex")}`

/** Whether {@link folderName} can have returned this. */
export const isFolderName = (name: string): boolean => plainName.test(name) || /^_[0-9a-f]{64}$/.test(name)

export const temporaryFolder = (directory: string): string => join(directory, ".tmp")

/** The folder of a name, or undefined if it does not exist. Fails if another user can write to it. */
export const findFolder = Effect.fnUntraced(function* (directory: string, name: string) {
  const folder = join(directory, folderName(name))
  // The directory itself may be a link to one that passes the checks. Its folders may not.
  if (!(yield* exists(directory, stat))) return undefined
  return (yield* exists(folder, lstat)) ? folder : undefined
})

/** The folder of a name, created if necessary. Fails if another user can write to it. */
export const makeFolder = Effect.fnUntraced(function* (directory: string, name: string) {
  const folder = join(directory, folderName(name))
  yield* ensureExists(directory, stat)
  yield* ensureExists(temporaryFolder(directory), lstat)
  yield* ensureExists(folder, lstat)
  return folder
})
