import { isTokenkeepError } from "@tokenkeep/core"
import { configInvalid } from "../options/configInvalid.ts"
import { keyAlgorithm, pemAlgorithm } from "./keyAlgorithm.ts"
import type { PrivateJwk, PrivateKey, SigningKey } from "./PrivateKey.ts"

/** A private key that can sign assertions. */
export interface ImportedKey {
  readonly key: CryptoKey
  readonly kid: string | undefined
  /** Public: distinguishes this key from others, without being secret. */
  readonly fingerprint: string
}

const unusable = (what: string, fix = "Pass a private key as a JWK, a CryptoKey, or a PEM string (PKCS #8).") =>
  configInvalid("client.privateKey", what, fix)

/** The bytes of a base64 string. */
const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64.replaceAll(/\s/g, "")), (char) => char.charCodeAt(0))

const base64url = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "")

/** A digest of the public part of the key and of its id: with another id, it is another credential. */
const fingerprintOf = async ({ crv, e, kty, n, x, y }: PrivateJwk, kid: string | undefined): Promise<string> => {
  const identity = JSON.stringify({ crv, e, kid, kty, n, x, y })
  return `key:${base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(identity)))}`
}

const checkKey = (key: CryptoKey): CryptoKey => {
  const { algorithm, type, usages } = key
  if (type !== "private") throw unusable(`is a ${type} key`)
  if (!usages.includes("sign")) throw unusable("is a CryptoKey that may not sign", 'Import it with the usage "sign".')
  const { modulusLength = Infinity } = algorithm as { readonly modulusLength?: number }
  if (modulusLength < 2048) throw unusable("is an RSA key of less than 2048 bits", "Generate a longer key.")
  if (!/^(?:RSASSA-PKCS1-v1_5|RSA-PSS|ECDSA|Ed25519)$/.test(algorithm.name)) throw unusable("cannot sign assertions")
  return key
}

const checkKid = (kid: unknown): void => {
  if (kid !== undefined && typeof kid !== "string") throw unusable("has a kid that is not a string", "Pass a string.")
}

const importJwk = async (jwk: PrivateJwk, kid: string | undefined): Promise<ImportedKey> => {
  checkKid(kid)
  if (jwk.kty === "oct") throw unusable("is a symmetric JWK", "Pass it as client.secret, or pass a private key.")
  if (jwk.d === undefined) throw unusable('is a public JWK: it has no "d"', "Pass the private JWK.")
  const algorithm = keyAlgorithm(jwk)
  if (algorithm === undefined) {
    throw unusable("is a JWK whose kty, crv and alg do not fit", "Pass an RSA, EC or Ed25519 key that signs.")
  }
  const key = await crypto.subtle.importKey("jwk", jwk as JsonWebKey, algorithm, false, ["sign"])
  return { key: checkKey(key), kid, fingerprint: await fingerprintOf(jwk, kid) }
}

const importPem = async (pem: string, kid: string | undefined): Promise<ImportedKey> => {
  const [, label, base64 = ""] = /^-----BEGIN ([A-Z ]+)-----([\w\s+/=]+)-----END [A-Z ]+-----$/.exec(pem) ?? []
  if (label !== "PRIVATE KEY") {
    throw unusable(
      label === undefined ? "is a string, but not PEM" : `is PEM with the label ${label}`,
      "Convert the key with `openssl pkcs8 -topk8 -nocrypt`."
    )
  }
  const bytes = bytesOf(base64)
  const algorithm = pemAlgorithm(bytes)
  if (algorithm === undefined) throw unusable("is PEM of an unknown algorithm", "Pass an RSA, EC or Ed25519 key.")
  const extractable = await crypto.subtle.importKey("pkcs8", bytes, algorithm, true, ["sign"])
  return importJwk(await crypto.subtle.exportKey("jwk", extractable), kid)
}

const importCryptoKey = async (key: CryptoKey, kid: string | undefined): Promise<ImportedKey> => {
  const jwk = key.extractable && key.type === "private" ? await crypto.subtle.exportKey("jwk", key) : {}
  return { key: checkKey(key), kid, fingerprint: await fingerprintOf(jwk, kid) }
}

const isCryptoKey = (key: object): key is CryptoKey => typeof CryptoKey === "function" && key instanceof CryptoKey

const importText = async (text: string, kid: string | undefined): Promise<ImportedKey> => {
  const trimmed = text.trim()
  if (!trimmed.startsWith("{")) return importPem(trimmed, kid)
  const jwk = JSON.parse(trimmed) as PrivateJwk
  return importJwk(jwk, kid ?? jwk.kid)
}

const importAny = async (key: PrivateKey | SigningKey, kid?: string): Promise<ImportedKey> => {
  checkKid(kid)
  if (typeof key === "string") return importText(key, kid)
  if (typeof key !== "object" || key === null) throw unusable("is not a key")
  if (isCryptoKey(key)) return importCryptoKey(key, kid)
  if ("key" in key) return importAny(key.key, key.kid)
  const jwk = key as PrivateJwk
  return importJwk(jwk, kid ?? jwk.kid)
}

/** Imports a private key; rejects with `CONFIG_INVALID`, which quotes no part of it. */
export const importPrivateKey = async (key: PrivateKey): Promise<ImportedKey> => {
  try {
    return await importAny(key)
  } catch (error) {
    // The platform's own error may quote the key.
    throw isTokenkeepError(error)
      ? error
      : unusable("cannot be imported: it is malformed, or does not fit its algorithm")
  }
}
