import type * as Duration from "effect/Duration"
import type * as Layer from "effect/Layer"
import type { TokenStorage } from "../TokenStorage.ts"
import { oneOf, positiveMillis } from "./options.ts"
import { type EncryptionKey, encryptionKeys } from "./sealing.ts"

/**
 * How a token is shared through the storage, and what happens when that does not work.
 *
 * @example
 * ```ts
 * import type { StorageOptions } from "@tokenkeep/core"
 *
 * const options: StorageOptions = { storageGrace: "5 seconds", storageFailure: "require" }
 * console.log(options.storageFailure) // => require
 * ```
 */
export interface StorageOptions {
  /**
   * The longest time for one operation of the storage, in milliseconds or as a duration; 1 s by default, and twice that
   * until it has worked once, since it may have to connect.
   */
  readonly storageTimeout?: Duration.Input | undefined
  /** How long a storage that fails is tried again before the next best is used; 2 s by default (STO-2). */
  readonly storageGrace?: Duration.Input | undefined
  /**
   * What a storage that goes on failing means: go on without it (`"degrade"`, the default), or fail with
   * `STORAGE_FAILED`, `STORAGE_INSECURE` or `LEASE_TIMEOUT` when a new token is needed (`"require"`).
   */
  readonly storageFailure?: "degrade" | "require" | undefined
  /** Used while the storage fails, such as a file for all processes of a host; this process's memory by default. */
  readonly fallbackStorage?: Layer.Layer<TokenStorage> | undefined
  /**
   * Seals what is stored (AES-256-GCM): at least 32 bytes, or a text of at least 32 characters. Of several keys the
   * first seals and all open, so that they can be rotated (STO-5).
   */
  readonly encryptionKey?: EncryptionKey | ReadonlyArray<EncryptionKey> | undefined
}

/** The options, checked; throws `CONFIG_INVALID` naming the one that cannot work. */
export const storageSettings = (options: StorageOptions = {}) => ({
  timeout: positiveMillis("storageTimeout", options.storageTimeout, 1_000),
  grace: positiveMillis("storageGrace", options.storageGrace, 2_000),
  isRequired: oneOf("storageFailure", options.storageFailure, ["degrade", "require"]) === "require",
  encryptionKeys: encryptionKeys(options.encryptionKey)
})
