import * as Effect from "effect/Effect"
import { hex } from "../credentials/hex.ts"
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
  option: EncryptionKey | ReadonlyArray<EncryptionKey> | undefined
): ReadonlyArray<Uint8Array<ArrayBuffer>> => {
  if (option === undefined) return []
  const given = typeof option === "string" || option instanceof Uint8Array ? [option] : option
  const isKey = (key: unknown) =>
    (typeof key === "string" || key instanceof Uint8Array) && bytesOf(key).length >= shortest
  if (Array.isArray(given) && given.length > 0 && given.every(isKey)) return given.map(bytesOf)
  throw invalidOption(
    "encryptionKey",
    `is not a key, or a list of keys, of at least ${shortest} bytes`,
    "Generate one with `openssl rand -base64 32`, and store it where the API key is stored."
  )
}

/** Encrypts and decrypts records, bound to the name that they are stored under. */
export interface Seal {
  /** Identifies the key, and reveals nothing about it. */
  readonly id: string
  readonly seal: (name: string, text: string) => Effect.Effect<string>
  /** `undefined` if it was encrypted with another key, or for another name, or was changed. */
  readonly open: (name: string, sealed: string) => Effect.Effect<string | undefined>
}

const utf8 = (text: string) => new TextEncoder().encode(text)

/** Derives a secret for one purpose (RFC 5869, 3.2). */
const purpose = (info: string) => ({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8(info) })

const nonceLength = 12

const toBase64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (char) => char.charCodeAt(0))

/** AES-256-GCM (NIST SP 800-38D) with a random nonce at the front, and the name as associated data. */
export const makeSeal = (key: Uint8Array<ArrayBuffer>): Effect.Effect<Seal> =>
  Effect.promise(async () => {
    const { subtle } = crypto
    const root = await subtle.importKey("raw", key, "HKDF", false, ["deriveKey", "deriveBits"])
    const cipher = { name: "AES-GCM", length: 256 }
    const aes = await subtle.deriveKey(purpose("tokenkeep record 1"), root, cipher, false, ["encrypt", "decrypt"])
    const id = hex(await subtle.deriveBits(purpose("tokenkeep key id 1"), root, 64))

    const seal = async (name: string, text: string) => {
      const iv = crypto.getRandomValues(new Uint8Array(nonceLength))
      const sealed = await subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(name) }, aes, utf8(text))
      return toBase64(new Uint8Array([...iv, ...new Uint8Array(sealed)]))
    }

    const open = async (name: string, sealed: string) => {
      const bytes = fromBase64(sealed)
      const parts = { name: "AES-GCM", iv: bytes.subarray(0, nonceLength), additionalData: utf8(name) }
      return new TextDecoder().decode(await subtle.decrypt(parts, aes, bytes.subarray(nonceLength)))
    }

    return {
      id,
      seal: (name, text) => Effect.promise(() => seal(name, text)),
      open: (name, sealed) => Effect.promise(() => open(name, sealed).catch(() => undefined))
    }
  })
