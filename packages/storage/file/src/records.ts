import type { StoredRecord } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import { readPrivateFile, replaceFile } from "./atomicFile.ts"
import { discard, DiskError, onCode, unlink } from "./disk.ts"
import { fileName, hasHigherFence, isRecord, readEntries } from "./entries.ts"
import { findFolder, makeFolder } from "./folders.ts"

/** The largest record that is written or read, in bytes. */
const maxRecordBytes = 1_048_576

/** Retries if the folder was removed during the operation. The next try creates it again. */
const ifFolderVanished = { times: 20, while: ({ code }: DiskError) => code === "ENOENT" }

const readEntriesIfAny = (folder: string) => readEntries(folder).pipe(onCode("ENOENT", () => Effect.succeed([])))

/**
 * Loads the record with the highest fence. Its file contains the text and nothing else. An untrusted file loads as an
 * empty text, so that core reports it and replaces it with a higher fence.
 */
export const load = Effect.fnUntraced(function* (directory: string, name: string) {
  const folder = yield* findFolder(directory, name)
  if (folder === undefined) return undefined
  const newest = (yield* readEntriesIfAny(folder)).findLast(isRecord)
  if (newest === undefined) return undefined
  // If the file was removed meanwhile, there is a newer one: the retry finds it.
  const { text = "" } = yield* readPrivateFile(join(folder, newest.file), maxRecordBytes)
  return { text, fence: newest.fence } satisfies StoredRecord
}, Effect.retry(ifFolderVanished))

/**
 * Saves a record, unless there was a higher fence. Each fence has its own file and the highest one counts, so a writer
 * that was paused before its rename cannot overwrite a newer record.
 */
export const save = Effect.fnUntraced(function* (directory: string, name: string, { fence, text }: StoredRecord) {
  if (Buffer.byteLength(text) > maxRecordBytes) {
    return yield* new DiskError({ code: "EFBIG", detail: `the record is larger than ${maxRecordBytes} bytes` })
  }
  if (!Number.isSafeInteger(fence)) {
    return yield* new DiskError({ code: "EINVAL", detail: "the fence is not a safe integer" })
  }
  const folder = yield* makeFolder(directory, name)
  if (hasHigherFence(yield* readEntries(folder), fence)) return false
  const path = join(folder, fileName(fence, "record"))
  yield* replaceFile(directory, path, text)
  const entries = yield* readEntries(folder)
  if (hasHigherFence(entries, fence)) {
    yield* discard(path)
    return false
  }
  const older = entries.filter((entry) => isRecord(entry) && entry.fence < fence)
  for (const { file } of older) yield* discard(join(folder, file))
  return true
}, Effect.retry(ifFolderVanished))

/** Removes the records of a name, the newest one last: an interruption must not make an older one count. */
export const remove = Effect.fnUntraced(function* (directory: string, name: string) {
  const folder = yield* findFolder(directory, name)
  if (folder === undefined) return
  const records = (yield* readEntriesIfAny(folder)).filter(isRecord)
  for (const { file } of records) yield* unlink(join(folder, file))
})
