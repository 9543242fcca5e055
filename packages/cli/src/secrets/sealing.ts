import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto"

const cipher = "aes-256-gcm"
const nonceLength = 12
const tagLength = 16

/** The shortest encryption key, in bytes: as for the records of the storage. */
export const shortestKey = 32

/** A key for this purpose alone (RFC 5869): what is stored elsewhere under the same encryption key cannot be put here. */
const keyFor = (encryptionKey: string): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", encryptionKey, "", "tokenkeep login 1", 32))

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D) and a random nonce.
 *
 * @param place Where the secret belongs: it opens only for the same place.
 */
export const seal = (encryptionKey: string, place: string, secret: string): string => {
  const nonce = randomBytes(nonceLength)
  const encrypt = createCipheriv(cipher, keyFor(encryptionKey), nonce).setAAD(Buffer.from(place))
  const sealed = Buffer.concat([encrypt.update(secret, "utf8"), encrypt.final()])
  return Buffer.concat([nonce, sealed, encrypt.getAuthTag()]).toString("base64")
}

/** `undefined` if it was sealed with another key, or for another place, or was changed. */
export const open = (encryptionKey: string, place: string, text: string): string | undefined => {
  const bytes = Buffer.from(text, "base64")
  if (bytes.length < nonceLength + tagLength) return undefined
  try {
    const decrypt = createDecipheriv(cipher, keyFor(encryptionKey), bytes.subarray(0, nonceLength), {
      authTagLength: tagLength
    })
      .setAAD(Buffer.from(place))
      .setAuthTag(bytes.subarray(-tagLength))
    return Buffer.concat([decrypt.update(bytes.subarray(nonceLength, -tagLength)), decrypt.final()]).toString("utf8")
  } catch {
    return undefined
  }
}
