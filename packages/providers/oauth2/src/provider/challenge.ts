/** Longer headers are cut, which bounds the time to read them. */
const maxLength = 4_096

/** A scheme, or a parameter with its value as a quoted string or a token (RFC 9110, 11.2). */
const part = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g

/** The parameters of the first `Bearer` challenge of a `WWW-Authenticate` header (RFC 6750, 3). */
export const bearerChallenge = (headers: Headers): ReadonlyMap<string, string> => {
  const parameters = new Map<string, string>()
  let isBearer = false
  for (const [, name = "", quoted, token] of (headers.get("www-authenticate") ?? "")
    .slice(0, maxLength)
    .matchAll(part)) {
    const value = quoted?.replaceAll(/\\(.)/g, "$1") ?? token
    if (value === undefined) isBearer = name.toLowerCase() === "bearer"
    else if (isBearer && !parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value)
  }
  return parameters
}
