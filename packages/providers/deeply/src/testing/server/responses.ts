/** @internal A JSON response with a content length, which a HEAD request returns too. */
export const json = (status: number, body: unknown, headers: RequestInit["headers"] = {}): Response => {
  const bytes = new TextEncoder().encode(JSON.stringify(body))
  const all = new Headers({ "content-type": "application/json", "content-length": String(bytes.byteLength) })
  new Headers(headers).forEach((value, name) => all.set(name, value))
  return new Response(bytes, { status, headers: all })
}

const errorResponse = (status: number, message: string, headers?: RequestInit["headers"]) =>
  json(status, { detail: { message } }, headers)

/** @internal 401 for an expired access token, in the words of the API reference. */
export const expiredToken = (): Response =>
  errorResponse(401, "Authentication token expired. Please reissue a new token to renew your session.")

/** @internal 401 for an unknown access token; the API reference calls it "Invalid Key". */
export const invalidToken = (): Response => errorResponse(401, "The authentication token is invalid.")

/** @internal 403 for a request without an access token; the API reference calls it "No Key". */
export const noToken = (): Response => errorResponse(403, "The request carries no authentication token.")

/** @internal 401 of the reissue endpoint for an unknown or revoked API key. */
export const invalidKey = (): Response => errorResponse(401, "The API key is invalid.")

/** @internal 403 of the reissue endpoint for a request without an API key. */
export const noKey = (): Response => errorResponse(403, "The request carries no API key.")

/** @internal 404 for an unknown path or id. */
export const notFound = (): Response => errorResponse(404, "Not Found")

/** @internal 405 with the allowed methods. */
export const methodNotAllowed = (allow: string): Response => errorResponse(405, "Method Not Allowed", { allow })

/** @internal 400 for a request that cannot be parsed. */
export const badRequest = (): Response => errorResponse(400, "The request cannot be parsed.")

/** @internal 500 with the message of the error that the `before` hook of a fault threw. */
export const hookFailed = (error: unknown): Response =>
  errorResponse(
    500,
    `A hook of the fake server failed: ${error instanceof Error ? error.message : "it threw a value that is not an Error"}`
  )

/** @internal 429 in the words of the API reference; `reset` and `now` are in epoch milliseconds. */
export const rateLimitExceeded = (limit: number, reset: number, now: number): Response => {
  const seconds = Math.max(1, Math.ceil((reset - now) / 1000))
  const message = `Rate limit exceeded. Please try again in ${seconds} seconds.`
  return json(429, { detail: { message, limit, remaining: 0, reset: Math.ceil(reset / 1000) } })
}

/** @internal An error in a query parameter, in the form that FastAPI uses. */
export interface QueryProblem {
  readonly type: string
  readonly loc: readonly ["query", string]
  readonly msg: string
  readonly input: string
}

/** @internal 422 for a query with invalid parameters. */
export const invalidQuery = (problems: readonly QueryProblem[]): Response => json(422, { detail: problems })
