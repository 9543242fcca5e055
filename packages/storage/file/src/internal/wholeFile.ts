import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { create, discard, type DiskFault, link, lstat, onCode, readText, rename } from "./disk.ts"
import { isPrivate, temporaryFolder } from "./folders.ts"

const temporaryFile = (directory: string): string => join(temporaryFolder(directory), randomUUID())

/** Puts a file in its place whole, and onto the disk, whatever was there. */
export const replace = (directory: string, path: string, text: string): Effect.Effect<void, DiskFault> => {
  const temporary = temporaryFile(directory)
  return create(temporary, text, true).pipe(
    Effect.andThen(rename(temporary, path)),
    Effect.onError(() => discard(temporary))
  )
}

/** Puts a file in its place whole where none is; of several who try, one succeeds and the others fail with `EEXIST`. */
export const claim = (directory: string, path: string, text: string): Effect.Effect<void, DiskFault> => {
  const temporary = temporaryFile(directory)
  return create(temporary, text, false).pipe(Effect.andThen(link(temporary, path)), Effect.ensuring(discard(temporary)))
}

interface FoundFile {
  /** Undefined for what this user did not write, others can read, or nobody should: a link, a directory, a flood. */
  readonly text: string | undefined
  /** When it was last written, in epoch milliseconds. */
  readonly writtenAt: number
}

/** What was made unreadable by hand is as good as damaged. */
const readable = (path: string) => readText(path).pipe(onCode("EACCES", () => Effect.succeed("")))

/** Reads a file of at most so many bytes; it fails with `ENOENT` where there is none. */
export const readPrivate = Effect.fnUntraced(function* (path: string, limit: number) {
  const found = yield* lstat(path)
  const text = isPrivate(found) && found.size <= limit ? yield* readable(path) : undefined
  return { text, writtenAt: found.mtimeMs } satisfies FoundFile
})
