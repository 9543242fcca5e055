import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import { discard, lstat, readdir, rmdir } from "./disk.ts"
import { entryOf, isFolderName, temporaryFolder } from "./folders.ts"

const hour = 3_600_000
/** A name that nobody wrote to for so long is forgotten, in milliseconds: at worst a token is issued once more. */
const forgottenAfter = 30 * 24 * hour

const writtenBefore = (instant: number) => (path: string) => Effect.map(lstat(path), ({ mtimeMs }) => mtimeMs < instant)

/** What a process that died while it wrote has left behind. */
const pruneTemporary = Effect.fnUntraced(function* (directory: string, wall: number) {
  const folder = temporaryFolder(directory)
  const stale = yield* Effect.filter(
    (yield* readdir(folder)).map((file) => join(folder, file)),
    writtenBefore(wall - hour)
  )
  yield* Effect.forEach(stale, discard)
})

/** Removes a name's folder where everything in it is old, and known to be from here. */
const pruneFolder = Effect.fnUntraced(function* (folder: string, wall: number) {
  const files = yield* readdir(folder)
  if (files.some((file) => entryOf(file) === undefined)) return
  const paths = files.map((file) => join(folder, file))
  const isOld = writtenBefore(wall - forgottenAfter)
  for (const path of [folder, ...paths]) if (!(yield* isOld(path))) return
  yield* Effect.forEach(paths, discard)
  // It fails where somebody has begun to use it again.
  yield* rmdir(folder)
})

/** Removes what nobody has used for long (STO-6). A fault ends it early: there is a next time. */
export const prune = Effect.fnUntraced(function* (directory: string) {
  const wall = yield* Clock.currentTimeMillis
  yield* Effect.ignore(pruneTemporary(directory, wall))
  const names = yield* Effect.orElseSucceed(readdir(directory), () => [])
  for (const name of names.filter(isFolderName)) yield* Effect.ignore(pruneFolder(join(directory, name), wall))
})
