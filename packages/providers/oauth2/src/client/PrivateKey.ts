/**
 * A private key as a JSON Web Key: RSA, EC (P-256, P-384, P-521) or Ed25519. Its `kid` is sent with each assertion.
 *
 * @example
 * ```ts
 * import type { PrivateJwk } from "@tokenkeep/oauth2"
 *
 * const key: PrivateJwk = { kty: "EC", crv: "P-256", x: "…", y: "…", d: "…", kid: "2026-11" }
 * console.log(key.kid) // => 2026-11
 * ```
 */
export interface PrivateJwk {
  readonly kty?: string | undefined
  readonly kid?: string | undefined
  readonly alg?: string | undefined
  readonly use?: string | undefined
  readonly key_ops?: ReadonlyArray<string> | undefined
  readonly ext?: boolean | undefined
  readonly crv?: string | undefined
  readonly x?: string | undefined
  readonly y?: string | undefined
  readonly d?: string | undefined
  readonly n?: string | undefined
  readonly e?: string | undefined
  readonly p?: string | undefined
  readonly q?: string | undefined
  readonly dp?: string | undefined
  readonly dq?: string | undefined
  readonly qi?: string | undefined
}

/**
 * A private `CryptoKey` that may sign. It need not be extractable.
 *
 * @example
 * ```ts
 * import type { SigningKey } from "@tokenkeep/oauth2"
 *
 * const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"])
 * const key: SigningKey = pair.privateKey
 * console.log(key.type) // => private
 * ```
 */
export interface SigningKey {
  readonly type: string
  readonly extractable: boolean
  readonly algorithm: { readonly name: string }
  readonly usages: ReadonlyArray<string>
}

/**
 * A private key: a JSON Web Key, a PEM string (PKCS #8) or a `CryptoKey`; each also with the key's id.
 *
 * @example
 * ```ts
 * import type { PrivateKey } from "@tokenkeep/oauth2"
 *
 * const key: PrivateKey = { key: "-----BEGIN PRIVATE KEY-----…", kid: "2026-11" }
 * console.log(Object.keys(key).join()) // => key,kid
 * ```
 */
export type PrivateKey =
  | PrivateJwk
  | SigningKey
  | string
  | { readonly key: PrivateJwk | SigningKey | string; readonly kid: string }
