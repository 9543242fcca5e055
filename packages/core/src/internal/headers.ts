const headerName = "authorization"

/** The headers as pairs; iterable are also a Map and the Headers of another library, which fetch takes as well. */
const pairsOf = (headers: HeadersInit): Iterable<readonly [string, string]> =>
  Symbol.iterator in headers
    ? (headers as Iterable<readonly [string, string]>)
    : Object.entries(headers)

/** What a caller put into `Authorization`, in whatever form the headers come. */
export const authorizationOf = (headers: HeadersInit | undefined): string | undefined => {
  if (headers === undefined) return undefined
  if (headers instanceof Headers) return headers.get(headerName) ?? undefined
  for (const [name, value] of pairsOf(headers)) if (name.toLowerCase() === headerName) return value
  return undefined
}

/**
 * The caller's headers with our `Authorization` on top. Copies as little as it can: this is on the hit path.
 */
export const withAuthorization = (headers: HeadersInit | undefined, value: string, replace: boolean): HeadersInit => {
  if (headers === undefined) return { [headerName]: value }
  if (!replace && !(Symbol.iterator in headers)) {
    return { ...headers, [headerName]: value }
  }
  const copy = new Headers(headers)
  copy.set(headerName, value)
  return copy
}

/** Every value the caller's headers hold: where a misplaced API key would be. */
export const headerValues = (headers: HeadersInit | undefined): ReadonlyArray<string> =>
  // fetch turns whatever a value is into a string.
  headers === undefined ? [] : Array.from(pairsOf(headers), ([, value]: readonly [string, unknown]) => String(value))
