const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url")

/** An unsigned JWT with an expiry, about as long as the ones that providers issue. */
export const jwt = (id: string, seconds: number): string => {
  const iat = Math.floor(Date.now() / 1_000)
  return `${base64url({ alg: "none", typ: "JWT" })}.${base64url({ jti: id, iat, exp: iat + seconds })}.c2lnbmF0dXJl`
}
