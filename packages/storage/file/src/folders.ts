import * as Effect from "effect/Effect"
import type { Stats } from "node:fs"
import { createHash } from "node:crypto"
import { dirname, join } from "node:path"
import { DiskError, lstat, makePrivate, mkdir, onCode, stat } from "./disk.ts"
import { currentUser, isOwn, otherWriters } from "./ownership.ts"

/** The folder of a name. No other program's folder has such a name, and no folder is outside the directory. */
export const folderName = (name: string): string =>
  // UTF-8 would encode all lone surrogates alike, UTF-16 does not.
  `tokenkeep-${createHash("sha256").update(name, "utf16le").digest("hex")}`

/** Whether {@link folderName} can have returned this. */
export const isFolderName = (name: string): boolean => /^tokenkeep-[0-9a-f]{64}$/.test(name)

export const temporaryFolder = (directory: string): string => join(directory, ".tokenkeep-unfinished")

const insecure = (detail: string) => new DiskError({ code: "INSECURE", detail })

/** Fails unless this is a directory of this user in which no other user may write. */
const checkStats = (found: Stats): Effect.Effect<void, DiskError> => {
  if (!found.isDirectory())
    return Effect.fail(new DiskError({ code: "ENOTDIR", detail: "it, or a folder in it, is not a directory" }))
  if (!isOwn(found))
    return Effect.fail(
      insecure(`it, or a folder in it, belongs to user ${found.uid}, and this process runs as user ${currentUser()}`)
    )
  const writers = otherWriters(found)
  if (writers !== undefined) return Effect.fail(insecure(`${writers} may write to it, or to a folder in it`))
  return Effect.void
}

/** `stat` follows a link, `lstat` does not. */
type ReadStats = typeof stat

/**
 * Checks a directory. If it is ours and its group may write to it, it is closed to the group first: Kubernetes' `fsGroup`
 * opens all folders at each mount. What the group wrote meanwhile is not trusted, since each file is checked too.
 */
const check = Effect.fnUntraced(function* (path: string, readStats: ReadStats, isOurs: Effect.Effect<boolean>) {
  const found = yield* readStats(path)
  const isOpenToGroup = found.isDirectory() && isOwn(found) && otherWriters(found) === "the group"
  if (!isOpenToGroup || !(yield* isOurs)) return yield* checkStats(found)
  yield* Effect.exit(makePrivate(path))
  return yield* Effect.flatMap(readStats(path), checkStats)
})

/** Checks a folder in the directory. Fails if it is a link. */
export const checkFolder = (folder: string): Effect.Effect<void, DiskError> =>
  check(folder, lstat, Effect.succeed(true))

/** Checks the directory, which may be a link. It is made private only if this storage has used it before. */
const checkDirectory = (directory: string): Effect.Effect<void, DiskError> => {
  const wasUsed = Effect.match(lstat(temporaryFolder(directory)), { onFailure: () => false, onSuccess: isOwn })
  return check(directory, stat, wasUsed)
}

const makeWithParents = (path: string): Effect.Effect<void, DiskError> =>
  mkdir(path).pipe(
    onCode("ENOENT", () =>
      dirname(path) === path ? Effect.void : Effect.andThen(makeWithParents(dirname(path)), mkdir(path))
    )
  )

const ensureExists = (path: string, checkPath: (path: string) => Effect.Effect<void, DiskError>) =>
  checkPath(path).pipe(onCode("ENOENT", () => Effect.andThen(makeWithParents(path), checkPath(path))))

/** The folder of a name, or undefined if it does not exist. Fails if another user can write to it. */
export const findFolder = (directory: string, name: string): Effect.Effect<string | undefined, DiskError> => {
  const folder = join(directory, folderName(name))
  return checkDirectory(directory).pipe(
    Effect.andThen(checkFolder(folder)),
    Effect.as(folder),
    onCode("ENOENT", () => Effect.undefined)
  )
}

/** The folder of a name, created if necessary. Fails if another user can write to it. */
export const makeFolder = Effect.fnUntraced(function* (directory: string, name: string) {
  const folder = join(directory, folderName(name))
  yield* ensureExists(directory, checkDirectory)
  yield* ensureExists(temporaryFolder(directory), checkFolder)
  yield* ensureExists(folder, checkFolder)
  return folder
})
