import { FileStorage as File, type FileStorageOptions } from "@tokenkeep/storage-file"
import { storages, type TokenStorage } from "./TokenStorage.ts"

export type { FileStorageOptions }

/**
 * Stores tokens in files. All processes of one user on one machine share them, and they survive a restart.
 *
 * `layer()` creates the storage. It throws `CONFIG_INVALID` unless `directory` is an absolute path. If the directory cannot
 * be used, the client continues without it. Set `storageFailure: "require"` to get an error instead. Not for NFS; not
 * encrypted unless `encryptionKey` is set. Works in Node, Deno and Bun.
 *
 * @example
 * ```ts
 * import { mkdtempSync, rmSync } from "node:fs"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 * import { createDeeply } from "tokenkeep"
 * import { FileStorage } from "tokenkeep/file"
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
export const FileStorage = {
  layer: (options?: FileStorageOptions): TokenStorage => storages.hide(File.layer(options))
}
