const headerName = "authorization"

const isPlain = (headers: HeadersInit): headers is Record<string, string> => !(Symbol.iterator in headers)

/**
 * The caller's headers as they are at this moment: what changes later, or can be read once, must not reach a replay.
 * A value that is not there is left out, where fetch would send the word `undefined`.
 */
export const headersNow = (headers: HeadersInit): HeadersInit => {
  if (!isPlain(headers)) return new Headers(headers)
  const copy: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) copy[name] = value
  return copy
}

/** What a caller put into `Authorization`. */
export const authorizationOf = (headers: HeadersInit | undefined): string | undefined => {
  if (headers === undefined) return undefined
  if (!isPlain(headers)) return new Headers(headers).get(headerName) ?? undefined
  for (const name of Object.keys(headers)) if (name.toLowerCase() === headerName) return headers[name]
  return undefined
}

/**
 * The caller's headers with our `Authorization` on top. Copies as little as it can: this is on the hit path.
 */
export const withAuthorization = (headers: HeadersInit | undefined, value: string, replace: boolean): HeadersInit => {
  if (headers === undefined) return { [headerName]: value }
  if (!replace && isPlain(headers)) return { ...headers, [headerName]: value }
  const copy = new Headers(headers)
  copy.set(headerName, value)
  return copy
}

/** Every value the caller's headers hold: where a misplaced API key would be. */
export const headerValues = (headers: HeadersInit | undefined): ReadonlyArray<string> => {
  if (headers === undefined) return []
  // fetch turns whatever a value is into a string.
  return isPlain(headers) ? Object.values(headers).map(String) : [...new Headers(headers).values()]
}
