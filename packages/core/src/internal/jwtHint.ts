const numberAt = (claims: unknown, name: string): number | undefined => {
  if (typeof claims !== "object" || claims === null) return undefined
  const value: unknown = Reflect.get(claims, name)
  return typeof value === "number" && Number.isFinite(value) ? value : undefined
}

const claimsOf = (token: string): unknown => {
  const parts = token.split(".")
  const [, payload = ""] = parts
  if (parts.length !== 3) return undefined
  try {
    return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")))
  } catch {
    return undefined
  }
}

/**
 * The life that a JWT tells of itself, in milliseconds; nothing when the token is none. A hint: it is never verified,
 * and whether it can be true is for the policy to say.
 *
 * `exp` (RFC 7519, 4.1.4) is an instant of the issuer's clock, so it is measured against `iat` and the issuer's `Date`
 * where they came, and against the local clock only when neither did.
 */
export const jwtLife = (token: string, now: { readonly issuer?: number | undefined; readonly local: number }) => {
  const claims = claimsOf(token)
  const exp = numberAt(claims, "exp")
  if (exp === undefined) return undefined
  const iat = numberAt(claims, "iat")
  const starts = [iat === undefined ? undefined : iat * 1_000, now.issuer].filter((start) => start !== undefined)
  return exp * 1_000 - Math.max(...(starts.length === 0 ? [now.local] : starts))
}

/** The issuer's clock at its answer, in epoch milliseconds; a cached answer's `Date` is not the present. */
export const issuerNow = (headers: Headers): number | undefined => {
  if (headers.has("age")) return undefined
  const at = Date.parse(headers.get("date") ?? "")
  return Number.isNaN(at) ? undefined : at
}
