import { AuthError } from "@tokenkeep/core"
import type { FileStorageOptions } from "@tokenkeep/storage-file"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { storages, type TokenStorage } from "./TokenStorage.ts"

const noFiles = () =>
  AuthError.of(
    { _tag: "ConfigInvalid", option: "storage" },
    {
      what: "FileStorage cannot be loaded: this runtime has no files.",
      fix: "Use Node, Deno or Bun, or MemoryStorage."
    }
  )

/** Loaded when a client is first used, since a runtime without files could not load it. */
const load = (options: FileStorageOptions) =>
  Effect.promise(() =>
    import("@tokenkeep/storage-file").then(
      ({ FileStorage: files }) => files.layer(options),
      () => Promise.reject(noFiles())
    )
  )

/** What no system takes for an absolute path; the rest is looked at where the system is known. */
const isRelative = (directory: unknown): boolean =>
  typeof directory !== "string" || !/^(?:[/\\]|[a-z]:[/\\])/i.test(directory)

const layer = (options: FileStorageOptions = {}): TokenStorage => {
  if (options.directory !== undefined && isRelative(options.directory)) {
    throw AuthError.of(
      { _tag: "ConfigInvalid", option: "directory" },
      { what: "The directory is not an absolute path.", fix: "Give one that begins at the root." }
    )
  }
  return storages.hide(Layer.unwrap(load(options)))
}

/**
 * The storage in files: all processes of a user on one machine share it, and it outlives them.
 *
 * Throws `CONFIG_INVALID` unless `directory` is an absolute path. In a runtime without files, the first use of the client
 * rejects with `CONFIG_INVALID`.
 *
 * @example
 * ```ts
 * import { mkdtempSync, rmSync } from "node:fs"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 * import { createDeeply, FileStorage } from "tokenkeep"
 * import { startFakeDeeply } from "tokenkeep/testing"
 *
 * const directory = mkdtempSync(join(tmpdir(), "tokens-"))
 * await using server = await startFakeDeeply()
 * const client = () =>
 *   createDeeply({ apiKey: server.apiKey, host: server.host, storage: FileStorage.layer({ directory }) })
 * await using first = client()
 * await using second = client()
 * console.log((await first.token()).id === (await second.token()).id) // => true
 * rmSync(directory, { recursive: true })
 * ```
 */
export const FileStorage = { layer }
