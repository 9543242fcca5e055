import { type Lease, type LeaseRequest, StorageFailure, TokenStorage } from "@tokenkeep/core"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { DiskFault } from "./internal/disk.ts"
import { type Granted, makeLeases } from "./internal/leases.ts"
import { prune } from "./internal/pruning.ts"
import { load, remove, save } from "./internal/records.ts"
import { stateDirectory } from "./internal/stateDirectory.ts"
import { toTheEnd } from "./internal/toTheEnd.ts"

/**
 * Where a file storage keeps its files.
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
   * An absolute path. It is made where it is missing, and must belong to this user alone.
   *
   * By default `tokenkeep` in the user's state directory: `$XDG_STATE_HOME` or `~/.local/state`, on macOS
   * `~/Library/Application Support`, on Windows `%LOCALAPPDATA%`.
   */
  readonly directory?: string | undefined
}

const during = (operation: StorageFailure["operation"]) =>
  Effect.mapError(
    ({ detail, insecure }: DiskFault) =>
      new StorageFailure({ operation, detail, ...(insecure === true ? { insecure } : undefined) })
  )

const make = (directory: string): TokenStorage["Service"] => {
  const leases = makeLeases(directory)
  let pruned = false

  /** Once a process, when it has just written: a client that only reads removes nothing. */
  const pruneOnce = Effect.suspend(() => {
    if (pruned) return Effect.void
    pruned = true
    return Effect.forkDetach(prune(directory))
  })

  const leaseOf = (granted: Granted): Lease => ({
    _tag: "Lease",
    fence: granted.fence,
    release: toTheEnd(leases.release(granted)).pipe(during("release"))
  })

  const exclusive = (name: string, request: LeaseRequest) =>
    toTheEnd(leases.ask(name, request), (answer) =>
      answer._tag === "Granted" ? leases.release(answer) : Effect.void
    ).pipe(
      Effect.map((answer) => (answer._tag === "Granted" ? leaseOf(answer) : answer)),
      during("exclusive")
    )

  return {
    capabilities: { durable: true, shared: true, exclusive: true, watch: false },
    load: (name) => toTheEnd(load(directory, name)).pipe(during("load")),
    save: (name, stored) => toTheEnd(Effect.tap(save(directory, name, stored), () => pruneOnce)).pipe(during("save")),
    remove: (name) => toTheEnd(remove(directory, name)).pipe(during("remove")),
    exclusive
  }
}

const layer = ({ directory }: FileStorageOptions = {}): Layer.Layer<TokenStorage> => {
  const path = stateDirectory(directory)
  return Layer.sync(TokenStorage, () => make(path))
}

/**
 * The storage in files: all processes of a user on one machine share it, and it outlives them.
 *
 * Nothing is touched before the first operation. One process at a time renews the token; that it died is seen at once.
 * Throws `CONFIG_INVALID` unless `directory` is an absolute path.
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
