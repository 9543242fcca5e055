import { httpDate } from "../errors/httpDate.ts"

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
 * The lifetime that a JWT declares, in milliseconds; `undefined` if the token is not a JWT. It is a hint: the token is
 * not verified, and the policy decides whether the value is plausible.
 *
 * `exp` (RFC 7519, 4.1.4) is an instant of the issuer's clock, so it is measured against `iat` and the issuer's `Date`
 * if there are any, and against the local clock otherwise.
 */
export const jwtLifetime = (token: string, now: { readonly issuer?: number | undefined; readonly local: number }) => {
  const claims = claimsOf(token)
  const exp = numberAt(claims, "exp")
  if (exp === undefined) return undefined
  const iat = numberAt(claims, "iat")
  const starts = [iat === undefined ? undefined : iat * 1_000, now.issuer].filter((start) => start !== undefined)
  return exp * 1_000 - Math.max(...(starts.length === 0 ? [now.local] : starts))
}

/** The issuer's clock when it responded, in epoch milliseconds; the `Date` of a cached response does not count. */
export const issuerNow = (headers: Headers, local: number): number | undefined => {
  if (headers.has("age")) return undefined
  const at = httpDate(headers.get("date") ?? "", local)
  return Number.isNaN(at) ? undefined : at
}
