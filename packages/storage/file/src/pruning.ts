import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import { isTemporaryFile } from "./atomicFile.ts"
import { discard, lstat, readdir, rmdir } from "./disk.ts"
import { parseEntry } from "./entries.ts"
import { isDraft } from "./exclusive/drafts.ts"
import { checkFolder, isFolderName, temporaryFolder } from "./folders.ts"

const hour = 3_600_000

/** A folder that was not written to for this long is removed, in milliseconds. At worst a token is fetched again. */
const unusedAfter = 30 * 24 * hour

const isOlderThan = (instant: number) => (path: string) => Effect.map(lstat(path), ({ mtimeMs }) => mtimeMs < instant)

/** The files of a folder of this storage. Fails if it is a link, which could lead to files of other programs. */
const filesOf = (folder: string) => Effect.andThen(checkFolder(folder), readdir(folder))

/** Removes unfinished files that crashed processes left. */
const pruneUnfinished = Effect.fnUntraced(function* (
  folder: string,
  isUnfinished: (file: string) => boolean,
  wall: number
) {
  const paths = (yield* filesOf(folder)).filter(isUnfinished).map((file) => join(folder, file))
  yield* Effect.forEach(yield* Effect.filter(paths, isOlderThan(wall - hour)), discard)
})

/**
 * Removes the folder of a name, if all files in it are entries and old. It stays for ever if it has a record that must not
 * be lost, because a revision is no entry.
 */
const pruneFolder = Effect.fnUntraced(function* (folder: string, wall: number) {
  yield* pruneUnfinished(folder, isDraft, wall)
  const files = yield* filesOf(folder)
  if (files.some((file) => parseEntry(file) === undefined)) return
  const paths = files.map((file) => join(folder, file))
  const isOld = isOlderThan(wall - unusedAfter)
  for (const path of [folder, ...paths]) if (!(yield* isOld(path))) return
  yield* Effect.forEach(paths, discard)
  // This fails, as it should, if another process has written to the folder meanwhile.
  yield* rmdir(folder)
})

/** Removes files that have not been used for long. Errors are ignored, because a later process tries again. */
export const prune = Effect.fnUntraced(function* (directory: string) {
  const wall = yield* Clock.currentTimeMillis
  yield* Effect.exit(pruneUnfinished(temporaryFolder(directory), isTemporaryFile, wall))
  const names = yield* Effect.orElseSucceed(readdir(directory), () => [])
  for (const name of names.filter(isFolderName)) yield* Effect.exit(pruneFolder(join(directory, name), wall))
})
