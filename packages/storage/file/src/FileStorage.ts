import {
  checkOptions,
  type ExclusiveRecords,
  type Lease,
  type LeaseRequest,
  type LeaseTaken,
  StorageFailure,
  TokenStorage
} from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type DiskError, isPermanent } from "./disk.ts"
import { loadExclusive, replaceExclusive } from "./exclusive/exclusiveRecords.ts"
import { type Granted, makeLeases } from "./leases.ts"
import { prune } from "./pruning.ts"
import { load, remove, save } from "./records.ts"
import { runDetached } from "./runDetached.ts"
import { stateDirectory } from "./stateDirectory.ts"

/**
 * The options of {@link FileStorage}.
 *
 * @example
 * ```ts
 * import type { FileStorageOptions } from "@tokenkeep/storage-file"
 *
 * const options: FileStorageOptions = { directory: "/var/lib/recorder/tokens" }
 * console.log(options.directory) // => /var/lib/recorder/tokens
 * ```
 */
export interface FileStorageOptions {
  /**
   * The directory of the files, as an absolute path. It is created if it does not exist. It must belong to this user,
   * and no other user may write to it.
   *
   * Default: `tokenkeep` in the user's state directory, which is `$XDG_STATE_HOME` or `~/.local/state` on Linux,
   * `~/Library/Application Support` on macOS and `%LOCALAPPDATA%` on Windows.
   */
  readonly directory?: string | undefined
}

const make = (directory: string): TokenStorage["Service"] => {
  const leases = makeLeases(directory)
  let hasPruned = false

  const failureOf = (operation: StorageFailure["operation"]) =>
    Effect.mapError(
      (error: DiskError) =>
        new StorageFailure({
          operation,
          detail: `${directory}: ${error.detail}`,
          ...(error.code === "INSECURE" && { insecure: true }),
          ...(isPermanent(error) && { retryable: false })
        })
    )

  /** Runs once per process, after its first save: a client that only reads removes nothing. */
  const pruneOnce = Effect.suspend(() => {
    if (hasPruned) return Effect.void
    hasPruned = true
    return Effect.forkDetach(prune(directory))
  })

  const toLease = (result: Granted | LeaseTaken): Lease | LeaseTaken =>
    result._tag === "LeaseTaken"
      ? result
      : {
          _tag: "Lease",
          fence: result.fence,
          owner: result.described,
          release: runDetached(leases.release(result)).pipe(failureOf("release"))
        }

  const acquireLease = (name: string, request: LeaseRequest) =>
    runDetached(leases.request(name, request), (result) =>
      result._tag === "Granted" ? leases.release(result) : Effect.void
    ).pipe(Effect.map(toLease), failureOf("acquireLease"))

  const exclusive: ExclusiveRecords = {
    load: (name) => runDetached(loadExclusive(directory, name)).pipe(failureOf("load")),
    replace: (name, change) =>
      runDetached(Effect.tap(replaceExclusive(directory, name, change), () => pruneOnce)).pipe(failureOf("replace"))
  }

  return {
    capabilities: { durable: true, shared: true, acquireLease: true, watch: false, exclusive: true },
    load: (name) => runDetached(load(directory, name)).pipe(failureOf("load")),
    save: (name, record) =>
      runDetached(Effect.tap(save(directory, name, record), () => pruneOnce)).pipe(failureOf("save")),
    remove: (name) => runDetached(remove(directory, name)).pipe(failureOf("remove")),
    acquireLease,
    exclusive
  }
}

const layer = (options: FileStorageOptions = {}): Layer.Layer<TokenStorage> => {
  const { directory: path } = checkOptions(options, { directory: (_, value) => stateDirectory(value) })
  return Layer.sync(TokenStorage, () => make(path))
}

/**
 * A storage that keeps tokens in files. All processes of a user on one machine share them, and they survive restarts.
 *
 * `FileStorage.layer()` creates the storage, and throws `CONFIG_INVALID` if `directory` is not an absolute path. One process
 * renews a token for all. If it crashes, another one takes over. No file is created before the first save or lease.
 *
 * If the directory cannot be used, the client continues without it, and reports a `storage-degraded` event. Set
 * `storageFailure: "require"` to get an error instead: `STORAGE_FAILED` or `STORAGE_INSECURE`. Not for NFS; not encrypted
 * unless `encryptionKey` is set.
 *
 * @example
 * ```ts
 * import { createDeeply } from "@tokenkeep/deeply"
 * import { startFakeDeeply } from "@tokenkeep/deeply/testing"
 * import { FileStorage } from "@tokenkeep/storage-file"
 * import { mkdtempSync, rmSync } from "node:fs"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
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
