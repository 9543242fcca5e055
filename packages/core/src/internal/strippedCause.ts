/** What is kept of a foreign error: enough to act on, nothing that could hold a secret. */
export interface StrippedCause {
  readonly name: string
  readonly code?: string
  readonly method?: string
  /** Origin and path: a query may hold secrets. */
  readonly url?: string
}

/** Causes may lead back to where they began. */
const maxCauses = 8

const codeOf = (error: unknown, depth = 0): string | undefined => {
  if (typeof error !== "object" || error === null || depth > maxCauses) return undefined
  if ("code" in error && typeof error.code === "string") return error.code
  return "cause" in error ? codeOf(error.cause, depth + 1) : undefined
}

/** An identifier cannot be a sentence that quotes something. */
const isWord = (text: string): boolean => /^\w{1,64}$/.test(text)

const nameOf = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error
  return isWord(error.name) ? error.name : "Error"
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
    name: nameOf(error),
    ...(code === undefined || !isWord(code) ? undefined : { code }),
    ...(request?.method === undefined ? undefined : { method: request.method }),
    ...(url === undefined ? undefined : { url: `${url.origin}${url.pathname}` })
  }
}
