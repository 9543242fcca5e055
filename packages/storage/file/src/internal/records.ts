import type { StoredText } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import { discard, DiskFault, onCode, unlink } from "./disk.ts"
import { entriesOf, type Entry, fileName, hasHigher, makeFolder, openFolder } from "./folders.ts"
import { readPrivate, replace } from "./wholeFile.ts"

/** The size of a record's file in bytes; more is neither written nor read. */
const limit = 1_048_576

const isRecord = ({ kind }: Entry): boolean => kind === "record"

/** A folder that goes while one works in it is made again; it does not go twice in a row. */
const vanished = { times: 20, while: ({ code }: DiskFault) => code === "ENOENT" }

/**
 * The record with the highest fence: its file is the text and nothing else. One that cannot be trusted reads as empty,
 * so that core says so, and replaces it under a higher fence.
 */
export const load = Effect.fnUntraced(function* (directory: string, name: string) {
  const folder = yield* openFolder(directory, name)
  if (folder === undefined) return undefined
  const entries = yield* entriesOf(folder).pipe(onCode("ENOENT", () => Effect.succeed([])))
  const last = entries.findLast(isRecord)
  if (last === undefined) return undefined
  // Gone means replaced: then there is a newer one to read.
  const { text = "" } = yield* readPrivate(join(folder, last.file), limit)
  return { text, fence: last.fence } satisfies StoredText
}, Effect.retry(vanished))

/**
 * Each fence has a file of its own and the highest one counts: a writer who was paused between looking and writing
 * cannot put an older record over a newer one.
 */
export const save = Effect.fnUntraced(function* (directory: string, name: string, stored: StoredText) {
  if (Buffer.byteLength(stored.text) > limit) {
    return yield* new DiskFault({ code: "EFBIG", detail: `a record over ${limit} bytes` })
  }
  if (!Number.isSafeInteger(stored.fence)) {
    return yield* new DiskFault({ code: "EINVAL", detail: "a fence that is no safe integer" })
  }
  const folder = yield* makeFolder(directory, name)
  if (hasHigher(yield* entriesOf(folder), stored.fence)) return false
  const path = join(folder, fileName(stored.fence, "record"))
  yield* replace(directory, path, stored.text)
  const entries = yield* entriesOf(folder)
  if (hasHigher(entries, stored.fence)) {
    yield* discard(path)
    return false
  }
  const older = entries.filter((entry) => isRecord(entry) && entry.fence < stored.fence)
  for (const { file } of older) yield* discard(join(folder, file))
  return true
}, Effect.retry(vanished))

/** Removes the records of a name, the highest last: until then it is the one that counts. */
export const remove = Effect.fnUntraced(function* (directory: string, name: string) {
  const folder = yield* openFolder(directory, name)
  if (folder === undefined) return
  const entries = yield* entriesOf(folder).pipe(onCode("ENOENT", () => Effect.succeed([])))
  for (const { file } of entries.filter(isRecord)) yield* unlink(join(folder, file))
})
