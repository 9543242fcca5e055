import type { ExclusiveChange } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import { dirname, join } from "node:path"
import { isPermitted } from "../denoPermission.ts"
import { DiskError, link, readdir, syncDirectory } from "../disk.ts"
import { isGrantedAbove, readEntries } from "../entries.ts"
import { findFolder, makeFolder } from "../folders.ts"
import { withDraft } from "./drafts.ts"
import { encodeRecord, isVersion, maxTextBytes } from "./recordFile.ts"
import { readNewest, removeOlder, revisionFile, revisionsOf } from "./revisions.ts"

/** Retries if another process changed the folder meanwhile. Each change lets at least one process continue. */
const ifChanged = { times: 100, while: ({ code }: DiskError) => ["EEXIST", "ENOENT", "MISSING"].includes(code) }

/** Loads the record of the newest revision. */
export const loadExclusive = Effect.fnUntraced(function* (directory: string, name: string) {
  const folder = yield* findFolder(directory, name)
  return folder === undefined ? undefined : (yield* readNewest(folder)).record
}, Effect.retry(ifChanged))

const invalid = (code: string, detail: string) => Effect.fail(new DiskError({ code, detail }))

const check = ({ fence = 0, record: { text, version } }: ExclusiveChange): Effect.Effect<void, DiskError> => {
  if (Buffer.byteLength(text) > maxTextBytes) return invalid("EFBIG", `the record is larger than ${maxTextBytes} bytes`)
  if (!isVersion(version)) return invalid("EINVAL", "the version is not 1 to 64 of the characters a-z, 0-9 and hyphen")
  if (!Number.isSafeInteger(fence)) return invalid("EINVAL", "the fence is not a safe integer")
  return Effect.void
}

/** Makes the folders above durable, as far as this process may read them. */
const syncAbove = (path: string): Effect.Effect<void> => {
  const above = dirname(path)
  if (above === path || !isPermitted({ name: "read", path: above })) return Effect.void
  return Effect.andThen(Effect.exit(syncDirectory(above)), syncAbove(above))
}

/**
 * Compares, and links the draft as the next revision. Of all writers that compared with the same revision, one succeeds;
 * the others fail with `EEXIST`, or with `ENOENT` if that revision is no longer the newest and may be removed.
 */
const compareAndLink = Effect.fnUntraced(function* (
  directory: string,
  folder: string,
  draft: string,
  { expected, fence, record }: ExclusiveChange
) {
  // The draft exists before the folder is listed. A process that removes revisions or grants a lease later removes it.
  const newest = yield* readNewest(folder)
  if (newest.record?.version === record.version) {
    // The process that linked it may have been killed before this.
    yield* syncDirectory(folder)
    return true
  }
  if (newest.record?.version !== expected) return false
  if (fence !== undefined && isGrantedAbove(yield* readEntries(folder), fence)) return false
  if (newest.revision === 0) {
    yield* syncDirectory(directory)
    yield* syncAbove(directory)
  }
  const revision = newest.revision + 1
  yield* link(draft, join(folder, revisionFile(revision)))
  yield* syncDirectory(folder)
  const files = yield* readdir(folder)
  // A higher revision was compared with this one. If there is none, an operator removed this one.
  if ((revisionsOf(files).at(-1) ?? 0) < revision) return yield* invalid("ENOENT", "the record was removed")
  yield* removeOlder(folder, files, revision)
  return true
})

/** Replaces the record if its version is the expected one. Returns whether it did, or had done so before. */
export const replaceExclusive = Effect.fnUntraced(function* (directory: string, name: string, change: ExclusiveChange) {
  yield* check(change)
  const folder = yield* makeFolder(directory, name)
  return yield* withDraft(folder, encodeRecord(change.record), (draft) =>
    compareAndLink(directory, folder, draft, change)
  )
}, Effect.retry(ifChanged))
