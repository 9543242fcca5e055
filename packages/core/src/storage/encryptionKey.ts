import { invalidOption } from "../errors/optionChecks.ts"

/**
 * A key that records are encrypted with: a string of at least 32 characters, or at least 32 bytes.
 *
 * @example
 * ```ts
 * import type { EncryptionKey } from "@tokenkeep/core"
 *
 * const key: EncryptionKey = crypto.getRandomValues(new Uint8Array(32))
 * console.log(key.length) // => 32
 * ```
 */
export type EncryptionKey = string | Uint8Array

/** The shortest key, in bytes. */
const shortest = 32

/** The bytes of a key; none of a value that is not one. */
const bytesOf = (key: EncryptionKey): Uint8Array<ArrayBuffer> => {
  if (typeof key === "string") return new TextEncoder().encode(key)
  // By tag: an array of another realm, as test runners have, is no instance of `Uint8Array`.
  return Uint8Array.from(Object.prototype.toString.call(key) === "[object Uint8Array]" ? key : [])
}

/** The option as a list of keys; throws `CONFIG_INVALID` if one is too short. */
export const encryptionKeys = (
  option: string,
  value: EncryptionKey | ReadonlyArray<EncryptionKey> | undefined
): ReadonlyArray<Uint8Array<ArrayBuffer>> => {
  if (value === undefined) return []
  const keys = [value].flat().map(bytesOf)
  if (keys.length > 0 && keys.every(({ length }) => length >= shortest)) return keys
  throw invalidOption(
    option,
    `is not a key, or a list of keys, of at least ${shortest} bytes`,
    "Generate one with `openssl rand -base64 32`, and store it where the API key is stored."
  )
}
