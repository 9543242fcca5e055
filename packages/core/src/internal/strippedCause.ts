/** What is kept of a foreign error: enough to act on, nothing that could hold a secret. */
export interface StrippedCause {
  readonly name: string
  readonly code?: string
  readonly method?: string
  /** Origin and path: a query may hold secrets. */
  readonly url?: string
}

const codeOf = (error: unknown): string | undefined => {
  if (typeof error !== "object" || error === null) return undefined
  if ("code" in error && typeof error.code === "string") return error.code
  return "cause" in error ? codeOf(error.cause) : undefined
}

/**
 * A copy of a foreign error without its message, fields or causes: fetch libraries put headers, hence tokens, there (SEC-1).
 */
export const strippedCause = (
  error: unknown,
  request?: { readonly method?: string | undefined; readonly url?: string | undefined }
): StrippedCause => {
  const code = codeOf(error)
  const url = request?.url === undefined ? undefined : new URL(request.url)
  return {
    name: error instanceof Error ? error.name : typeof error,
    ...(code === undefined || !/^\w+$/.test(code) ? undefined : { code }),
    ...(request?.method === undefined ? undefined : { method: request.method }),
    ...(url === undefined ? undefined : { url: `${url.origin}${url.pathname}` })
  }
}
