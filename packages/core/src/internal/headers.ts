const headerName = "authorization"

/** What a caller put into `Authorization`, in whatever form the headers come. */
export const authorizationOf = (headers: HeadersInit | undefined): string | undefined => {
  if (headers === undefined) return undefined
  if (headers instanceof Headers) return headers.get(headerName) ?? undefined
  const entries: Iterable<readonly [string, string]> = Array.isArray(headers)
    ? (headers as Array<[string, string]>)
    : Object.entries(headers as Record<string, string>)
  for (const [name, value] of entries) if (name.toLowerCase() === headerName) return value
  return undefined
}

/**
 * The caller's headers with our `Authorization` on top. Copies as little as it can: this is on the hit path.
 */
export const withAuthorization = (headers: HeadersInit | undefined, value: string, replace: boolean): HeadersInit => {
  if (headers === undefined) return { [headerName]: value }
  if (!replace && !(headers instanceof Headers) && !Array.isArray(headers)) {
    return { ...(headers as Record<string, string>), [headerName]: value }
  }
  const copy = new Headers(headers)
  copy.set(headerName, value)
  return copy
}

/** Every value the caller's headers hold: where a misplaced API key would be. */
export const headerValues = (headers: HeadersInit | undefined): Iterable<string> => {
  if (headers === undefined) return []
  if (headers instanceof Headers) return headers.values()
  return Array.isArray(headers)
    ? (headers as Array<[string, string]>).map(([, value]) => value)
    : Object.values(headers as Record<string, string>)
}
