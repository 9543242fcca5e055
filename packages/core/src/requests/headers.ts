/** What fetch takes as headers. */
type RequestHeaders = NonNullable<RequestInit["headers"]>

const headerName = "authorization"

/** Whether headers are names and values; the platform refuses what is no object. */
const isPlain = (headers: RequestHeaders): headers is Record<string, string> =>
  typeof headers === "object" && headers !== null && !(Symbol.iterator in headers)

/**
 * The caller's headers as they are now: later changes, or iterators that can be read once, must not affect a replay. An
 * undefined value is omitted, where fetch would send the word `undefined`.
 */
export const snapshotHeaders = (headers: RequestHeaders): RequestHeaders => {
  if (!isPlain(headers)) return new Headers(headers)
  // A spread, unlike an assignment, keeps a header named `__proto__`.
  const copy = { ...headers }
  for (const name in copy) if (copy[name] === undefined) delete copy[name]
  return copy
}

/** The caller's own `Authorization`. */
export const authorizationOf = (headers: RequestHeaders | undefined): string | undefined => {
  if (headers === undefined) return undefined
  if (!isPlain(headers)) return new Headers(headers).get(headerName) ?? undefined
  for (const name of Object.keys(headers)) if (name.toLowerCase() === headerName) return headers[name]
  return undefined
}

/** The caller's headers with our `Authorization`, copied as little as possible: this is on the fast path. */
export const withAuthorization = (
  headers: RequestHeaders | undefined,
  value: string,
  override: boolean
): RequestHeaders => {
  if (headers === undefined) return { [headerName]: value }
  if (!override && isPlain(headers)) return { ...headers, [headerName]: value }
  const copy = new Headers(headers)
  copy.set(headerName, value)
  return copy
}

/** Every value of the caller's headers. */
export const headerValues = (headers: RequestHeaders | undefined): ReadonlyArray<string> => {
  if (headers === undefined) return []
  // fetch turns any value into a string.
  return isPlain(headers) ? Object.values(headers).map(String) : [...new Headers(headers).values()]
}
