import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { create, discard, type DiskError, link, readIf, rename } from "./disk.ts"
import { temporaryFolder } from "./folders.ts"
import { isPrivateFile } from "./ownership.ts"

const temporaryFile = (directory: string): string => join(temporaryFolder(directory), `${randomUUID()}.part`)

/** Whether a temporary file can have this name. */
export const isTemporaryFile = (file: string): boolean => /^[0-9a-f-]{36}\.part$/.test(file)

/** Writes a file and replaces an existing one. Readers see the old or the new content, even after a crash. */
export const replaceFile = (directory: string, path: string, text: string): Effect.Effect<void, DiskError> => {
  const temporary = temporaryFile(directory)
  return create(temporary, text, true).pipe(
    Effect.andThen(rename(temporary, path)),
    Effect.onError(() => discard(temporary))
  )
}

/** Writes a file that must not exist yet. If several processes try at once, all but one fail with `EEXIST`. */
export const createFile = (directory: string, path: string, text: string): Effect.Effect<void, DiskError> => {
  const temporary = temporaryFile(directory)
  return create(temporary, text, false).pipe(Effect.andThen(link(temporary, path)), Effect.ensuring(discard(temporary)))
}

interface PrivateFile {
  /** Undefined for a link, a directory, a file over the limit, and one that another user wrote or can access. */
  readonly text: string | undefined
  /** When the file was written last, in epoch milliseconds. */
  readonly writtenAt: number
}

/** Reads a file of at most `limit` bytes. Fails with `ENOENT` if it does not exist. */
export const readPrivateFile = (path: string, limit: number): Effect.Effect<PrivateFile, DiskError> =>
  Effect.map(
    readIf(path, (found) => isPrivateFile(found) && found.size <= limit),
    ({ found, text }) => ({ text, writtenAt: found.mtimeMs })
  )
