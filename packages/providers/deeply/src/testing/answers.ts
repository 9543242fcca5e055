/** @internal A JSON answer that states its length, so that a HEAD request sees it too. */
export const json = (status: number, body: unknown, headers: HeadersInit = {}): Response => {
  const bytes = new TextEncoder().encode(JSON.stringify(body))
  const all = new Headers({ "content-type": "application/json", "content-length": String(bytes.byteLength) })
  new Headers(headers).forEach((value, name) => all.set(name, value))
  return new Response(bytes, { status, headers: all })
}

const detail = (status: number, message: string, headers?: HeadersInit) =>
  json(status, { detail: { message } }, headers)

/** @internal 401 of the reference's "Expired Token", word for word. */
export const expiredToken = (): Response =>
  detail(401, "Authentication token expired. Please reissue a new token to renew your session.")

/** @internal 401 of the reference's "Invalid Key", which is about the access token. */
export const invalidToken = (): Response => detail(401, "The authentication token is invalid.")

/** @internal 403 of the reference's "No Key": the request carried no access token. */
export const noToken = (): Response => detail(403, "The request carries no authentication token.")

/** @internal 401 of the reissue endpoint: the API key is unknown or revoked. */
export const invalidKey = (): Response => detail(401, "The API key is invalid.")

/** @internal 403 of the reissue endpoint: no API key. */
export const noKey = (): Response => detail(403, "The request carries no API key.")

/** @internal 404 of an unknown path or id. */
export const notFound = (): Response => detail(404, "Not Found")

/** @internal 405, with the methods that would do. */
export const methodNotAllowed = (allow: string): Response => detail(405, "Method Not Allowed", { allow })

/** @internal 400 of a request that cannot be read. */
export const badRequest = (): Response => detail(400, "The request cannot be read.")

/** @internal 500 where the test's own hook threw, with its message. */
export const hookFailed = (error: unknown): Response =>
  detail(
    500,
    `The fake server failed: ${error instanceof Error ? error.message : "a value that is no Error was thrown"}`
  )

/** @internal 429 of the reference, word for word; `reset` and `now` are epoch milliseconds. */
export const rateLimitExceeded = (limit: number, reset: number, now: number): Response => {
  const seconds = Math.max(1, Math.ceil((reset - now) / 1000))
  const message = `Rate limit exceeded. Please try again in ${seconds} seconds.`
  return json(429, { detail: { message, limit, remaining: 0, reset: Math.ceil(reset / 1000) } })
}

/** @internal One complaint about a query parameter, in the shape FastAPI gives it. */
export interface QueryProblem {
  readonly type: string
  readonly loc: readonly ["query", string]
  readonly msg: string
  readonly input: string
}

/** @internal 422 of a query that breaks the documented bounds. */
export const invalidQuery = (problems: readonly QueryProblem[]): Response => json(422, { detail: problems })
