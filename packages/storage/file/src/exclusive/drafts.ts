import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { create, discard, type DiskError, unlink } from "../disk.ts"

/** Whether a file in the folder of a name is a draft. */
export const isDraft = (file: string): boolean => /^[0-9a-f-]{36}\.draft$/.test(file)

/**
 * Runs work with a draft: a complete file that `link` can make the next revision. If another process removes it, `link`
 * fails with `ENOENT`. So a process that was frozen after it compared cannot save when it continues.
 */
export const withDraft = <A, E>(
  folder: string,
  content: string,
  work: (draft: string) => Effect.Effect<A, E>
): Effect.Effect<A, E | DiskError> => {
  const draft = join(folder, `${randomUUID()}.draft`)
  return create(draft, content, true).pipe(
    Effect.andThen(Effect.suspend(() => work(draft))),
    Effect.ensuring(discard(draft))
  )
}

/** Removes the drafts among these files. Their writers start again, and see what changed before the files were listed. */
export const removeDrafts = (folder: string, files: ReadonlyArray<string>): Effect.Effect<void, DiskError> =>
  Effect.forEach(files.filter(isDraft), (file) => unlink(join(folder, file)), { discard: true })
