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

const bytesOf = (key: EncryptionKey): Uint8Array<ArrayBuffer> =>
  typeof key === "string" ? new TextEncoder().encode(key) : Uint8Array.from(key)

/** The option as a list of keys; throws `CONFIG_INVALID` if one is too short. */
export const encryptionKeys = (
  option: string,
  value: EncryptionKey | ReadonlyArray<EncryptionKey> | undefined
): ReadonlyArray<Uint8Array<ArrayBuffer>> => {
  if (value === undefined) return []
  const given = typeof value === "string" || value instanceof Uint8Array ? [value] : value
  const isKey = (key: unknown) =>
    (typeof key === "string" || key instanceof Uint8Array) && bytesOf(key).length >= shortest
  if (Array.isArray(given) && given.length > 0 && given.every(isKey)) return given.map(bytesOf)
  throw invalidOption(
    option,
    `is not a key, or a list of keys, of at least ${shortest} bytes`,
    "Generate one with `openssl rand -base64 32`, and store it where the API key is stored."
  )
}
