import { type ExclusiveChange, type Lease, type StoredRecord, TokenStorage } from "@tokenkeep/core"
import { FileStorage } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import { folderName, temporaryFolder } from "../../src/folders.ts"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface TestDirectory extends Disposable {
  /** The path for the storage, which creates it. */
  readonly path: string
  /** The folder of unfinished files. */
  readonly unfinished: string
  /** The folder of a name. */
  readonly folder: (name: string) => string
  /** The sorted files in the folder of a name. */
  readonly files: (name: string) => ReadonlyArray<string>
}

/** A new directory that is removed after the test. */
export const newDirectory = (): TestDirectory => {
  const root = mkdtempSync(join(tmpdir(), "file-storage-"))
  const path = join(root, "tokens")
  const folder = (name: string) => join(path, folderName(name))
  return {
    path,
    unfinished: temporaryFolder(path),
    folder,
    files: (name) => readdirSync(folder(name)).toSorted(),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true })
  }
}

/** Opens a storage in this process. Its operations return promises. */
export const openStorage = async (directory: string) => {
  const run = Effect.runPromise
  const storage = await run(Effect.provide(TokenStorage, FileStorage.layer({ directory })))
  const { acquireLease, exclusive } = storage
  if (acquireLease === undefined || exclusive === undefined) throw new Error("The storage lacks a capability.")
  return {
    load: (name: string) => run(storage.load(name)),
    save: (name: string, text: string, fence: number) =>
      run(storage.save(name, { text, fence } satisfies StoredRecord)),
    remove: (name: string) => run(storage.remove(name)),
    loadExclusive: (name: string) => run(exclusive.load(name)),
    replaceRecord: (name: string, change: ExclusiveChange) => run(exclusive.replace(name, change)),
    /** Replaces the record of a version by one whose text is the same as its version. */
    replace: (name: string, expected: string | undefined, version: string, fence?: number) =>
      run(exclusive.replace(name, { expected, record: { version, text: version }, fence })),
    requestLease: (name: string, owner: string, millis = 12_000) => run(acquireLease(name, { owner, millis })),
    release: (lease: Lease) => run(lease.release),
    /** Throws if another owner has the lease. */
    acquireLease: async (name: string, owner: string, millis = 12_000) => {
      const result = await run(acquireLease(name, { owner, millis }))
      if (result._tag === "LeaseTaken") throw new Error(`${result.owner} has the lease`)
      return { fence: result.fence, release: () => run(result.release) }
    }
  }
}
