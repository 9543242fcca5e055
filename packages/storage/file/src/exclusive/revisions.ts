import type { ExclusiveRecord } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import { basename, join } from "node:path"
import { readPrivateFile } from "../atomicFile.ts"
import { create, DiskError, exists, onCode, readdir, unlink } from "../disk.ts"
import { removeDrafts } from "./drafts.ts"
import { decodeRecord, maxFileBytes } from "./recordFile.ts"

export const revisionFile = (revision: number): string => `${revision}.exclusive`

const pattern = /^([1-9]\d{0,14})\.exclusive$/

/** The revisions among the files of a folder, oldest first. */
export const revisionsOf = (files: ReadonlyArray<string>): ReadonlyArray<number> =>
  files
    .map((file) => Number(pattern.exec(file)?.[1] ?? 0))
    .filter((revision) => revision > 0)
    .toSorted((a, b) => a - b)

/** An empty file that is created before a revision is removed for the first time, and stays. */
const marker = revisionFile(0)

const missing = (folder: string) =>
  new DiskError({
    code: "MISSING",
    detail: `the record in ${basename(folder)} was removed: restore it, or remove that folder to start again`
  })

const damaged = (folder: string, file: string, what: string) =>
  new DiskError({ code: "DAMAGED", detail: `${basename(folder)}/${file} ${what}` })

/** The highest revision of a folder, and its record. */
interface Newest {
  /** 0 if there is no revision. */
  readonly revision: number
  readonly record?: ExclusiveRecord
}

/**
 * Reads the newest revision. Fails with `ENOENT` or `MISSING` if it was replaced meanwhile: the caller tries again. A
 * listing may contain neither of two revisions, if one is created and the other removed during the listing. Then the
 * file of a lower one is gone too, since the lowest is removed first; or the marker exists.
 */
export const readNewest = Effect.fnUntraced(function* (folder: string): Effect.fn.Return<Newest, DiskError> {
  const revision = revisionsOf(yield* readdir(folder)).at(-1)
  if (revision === undefined) {
    if (yield* exists(join(folder, marker))) return yield* missing(folder)
    return { revision: 0 }
  }
  const file = revisionFile(revision)
  const { text } = yield* readPrivateFile(join(folder, file), maxFileBytes)
  if (text === undefined) {
    return yield* damaged(folder, file, "is too large, or is not a file of this user that only this user can access")
  }
  const record = decodeRecord(text)
  if (record === undefined) return yield* damaged(folder, file, "is damaged, or was written by a newer version")
  return { revision, record }
})

/**
 * Removes the revisions before this one. A process that compared with one of them may be frozen, and could then create
 * a removed number again. So the drafts are removed first. Errors are ignored: the next writer tries again.
 */
export const removeOlder = (folder: string, files: ReadonlyArray<string>, revision: number): Effect.Effect<void> => {
  const older = revisionsOf(files).filter((other) => other < revision)
  if (older.length === 0) return Effect.void
  return removeDrafts(folder, files).pipe(
    Effect.andThen(create(join(folder, marker), "", false).pipe(onCode("EEXIST", () => Effect.void))),
    Effect.andThen(Effect.forEach(older, (other) => unlink(join(folder, revisionFile(other))))),
    Effect.exit,
    Effect.asVoid
  )
}
