import { type Lease, type StoredText, TokenStorage } from "@tokenkeep/core"
import { FileStorage } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface Place extends Disposable {
  /** Not made yet: the storage does that. */
  readonly directory: string
  /** The folder of a plain name. */
  readonly folder: (name: string) => string
  /** The files of a plain name, by name. */
  readonly files: (name: string) => ReadonlyArray<string>
}

/** A directory of one's own for a test. */
export const newPlace = (): Place => {
  const root = mkdtempSync(join(tmpdir(), "file-storage-"))
  const directory = join(root, "tokens")
  const folder = (name: string) => join(directory, name)
  return {
    directory,
    folder,
    files: (name) => readdirSync(folder(name)).toSorted(),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true })
  }
}

/** A storage of this process, whose operations are promises. */
export const openStorage = async (directory: string) => {
  const run = Effect.runPromise
  const storage = await run(Effect.provide(TokenStorage, FileStorage.layer({ directory })))
  const exclusive = storage.exclusive
  if (exclusive === undefined) throw new Error("It grants no leases.")
  return {
    capabilities: storage.capabilities,
    load: (name: string) => run(storage.load(name)),
    save: (name: string, text: string, fence: number) => run(storage.save(name, { text, fence } satisfies StoredText)),
    remove: (name: string) => run(storage.remove(name)),
    ask: (name: string, owner: string, millis = 12_000) => run(exclusive(name, { owner, millis })),
    release: (lease: Lease) => run(lease.release),
    /** Fails unless the lease is there to be had. */
    lease: async (name: string, owner: string, millis = 12_000) => {
      const answer = await run(exclusive(name, { owner, millis }))
      if (answer._tag === "Held") throw new Error(`${answer.owner} has it`)
      return { fence: answer.fence, release: () => run(answer.release) }
    }
  }
}
