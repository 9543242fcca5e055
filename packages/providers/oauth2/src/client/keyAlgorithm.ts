import type { PrivateJwk } from "./PrivateKey.ts"

/** What `crypto.subtle.importKey` needs to know of a key. */
export type KeyAlgorithm = { readonly name: string; readonly hash?: string; readonly namedCurve?: string }

const ecAlgorithms: Readonly<Record<string, string>> = { "P-256": "ES256", "P-384": "ES384", "P-521": "ES512" }

const rsaAlgorithm = (alg: string): KeyAlgorithm | undefined => {
  const [, kind, bits] = /^(RS|PS)(256|384|512)$/.exec(alg) ?? []
  return kind === undefined ? undefined : { name: kind === "RS" ? "RSASSA-PKCS1-v1_5" : "RSA-PSS", hash: `SHA-${bits}` }
}

/** The algorithm of a JWK; `undefined` if its members do not fit, or if it cannot sign assertions. */
export const keyAlgorithm = ({ alg, crv = "", kty }: PrivateJwk): KeyAlgorithm | undefined => {
  switch (kty) {
    case "RSA":
      return rsaAlgorithm(alg ?? "RS256")
    case "EC": {
      const known = ecAlgorithms[crv]
      return known !== undefined && (alg ?? known) === known ? { name: "ECDSA", namedCurve: crv } : undefined
    }
    case "OKP":
      return crv === "Ed25519" && (alg === undefined || alg === "EdDSA" || alg === crv) ? { name: crv } : undefined
    default:
      return undefined
  }
}

/** The object identifiers of PKCS #8, in hexadecimal digits (RFC 8017, 5480 and 8410). */
const identifiers: ReadonlyArray<readonly [hex: string, algorithm: KeyAlgorithm]> = [
  ["06092a864886f70d010101", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }],
  ["06082a8648ce3d030107", { name: "ECDSA", namedCurve: "P-256" }],
  ["06052b81040022", { name: "ECDSA", namedCurve: "P-384" }],
  ["06052b81040023", { name: "ECDSA", namedCurve: "P-521" }],
  ["06032b6570", { name: "Ed25519" }]
]

/** The algorithm of a PKCS #8 key, which WebCrypto does not read from it; `undefined` for any other. */
export const pemAlgorithm = (pkcs8: Uint8Array): KeyAlgorithm | undefined => {
  // The identifier is in the header, before the key itself.
  const header = Array.from(pkcs8.subarray(0, 40), (byte) => byte.toString(16).padStart(2, "0")).join("")
  return identifiers.find(([hex]) => header.includes(hex))?.[1]
}
