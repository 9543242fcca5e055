import type * as Duration from "effect/Duration"
import type * as Layer from "effect/Layer"
import { invalidOption, layer, oneOf, optional, positiveMillis, readOptions } from "../errors/optionChecks.ts"
import type { TokenStorage } from "../ports/TokenStorage.ts"
import { type EncryptionKey, encryptionKeys } from "./encryptionKey.ts"

/** How a token is stored, without adapters; durations are of type `Time`. */
export interface StorageOptionsOf<Time> {
  /** The longest time for one storage operation; default 1 second, doubled until the storage has worked once. */
  readonly storageTimeout?: Time | undefined
  /** How long a failing storage is retried before the client continues without it; default 2 seconds. */
  readonly storageGrace?: Time | undefined
  /**
   * What to do if the storage keeps failing: continue without it (`"degrade"`, the default), or fail with
   * `STORAGE_FAILED`, `STORAGE_INSECURE` or `LEASE_TIMEOUT` when a new token is needed (`"require"`).
   */
  readonly storageFailure?: "degrade" | "require" | undefined
  /**
   * Encrypts what is stored, with AES-256-GCM: at least 32 bytes, or a string of at least 32 characters. To rotate keys,
   * pass several: the first encrypts, and all of them decrypt.
   */
  readonly encryptionKey?: EncryptionKey | ReadonlyArray<EncryptionKey> | undefined
}

/**
 * How a token is shared through the storage, and what happens when the storage fails.
 *
 * @example
 * ```ts
 * import type { StorageOptions } from "@tokenkeep/core"
 *
 * const options: StorageOptions = { storageGrace: "5 seconds", storageFailure: "require" }
 * console.log(options.storageFailure) // => require
 * ```
 */
export interface StorageOptions extends StorageOptionsOf<Duration.Input> {
  /** A storage to use while the first one fails, such as a file for all processes of a host; none by default. */
  readonly fallbackStorage?: Layer.Layer<TokenStorage> | undefined
}

export const storageChecks = {
  storageTimeout: positiveMillis(1_000),
  storageGrace: positiveMillis(2_000),
  storageFailure: oneOf("degrade", "require"),
  encryptionKey: encryptionKeys,
  fallbackStorage: optional(layer)
}

/** The options, checked. */
export type StorageSettings = ReturnType<typeof storageSettings>

/**
 * Checks the options; throws `CONFIG_INVALID` with the name of the one that is wrong.
 *
 * @param isExclusive Whether no client may renew without the storage.
 */
export const storageSettings = (options: StorageOptions = {}, isExclusive = false) => {
  const { encryptionKey, storageFailure, storageGrace, storageTimeout } = readOptions(options, storageChecks)
  if (isExclusive && options.fallbackStorage !== undefined) {
    throw invalidOption("fallbackStorage", "cannot be used with a refresh token", "Leave it out: there is one truth.")
  }
  return {
    timeout: storageTimeout,
    grace: storageGrace,
    isRequired: isExclusive || storageFailure === "require",
    isExclusive,
    encryptionKeys: encryptionKey
  }
}
