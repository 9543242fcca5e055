import * as Effect from "effect/Effect"
import { hex } from "../credentials/hex.ts"

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
