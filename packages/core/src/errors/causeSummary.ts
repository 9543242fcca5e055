import { connectionAdvice } from "./connectionAdvice.ts"

/** What is kept of another library's error: enough to fix the cause, and nothing that could hold a secret. */
export interface CauseSummary {
  readonly name: string
  readonly code?: string
  readonly method?: string
  /** Origin and path: a query may hold secrets. */
  readonly url?: string
}

/** Causes may form a cycle. */
const maxCauses = 8

const codeOf = (error: unknown, depth = 0): string | undefined => {
  if (typeof error !== "object" || error === null || depth > maxCauses) return undefined
  if ("code" in error && typeof error.code === "string") return error.code
  return "cause" in error ? codeOf(error.cause, depth + 1) : undefined
}

/** An identifier with few digits cannot be a secret, nor a sentence that quotes one. */
const isIdentifier = (value: string): boolean => /^(?!(?:\D*\d){5})[A-Za-z]\w{0,63}$/.test(value)

const nameOf = (error: unknown): string => {
  // An error of another realm is not an instance of `Error`.
  const { name } = Object(error) as { readonly name?: unknown }
  if (typeof name === "string" && isIdentifier(name)) return name
  return error instanceof Error ? "Error" : typeof error
}

/**
 * A copy of another library's error without its message, fields and causes: fetch libraries put headers there, and so
 * tokens.
 */
export const causeSummary = (
  error: unknown,
  request?: { readonly method?: string | undefined; readonly url?: string | undefined }
): CauseSummary => {
  const code = codeOf(error)
  const url = request?.url === undefined ? undefined : new URL(request.url)
  return {
    name: nameOf(error),
    ...(code === undefined || !isIdentifier(code) ? undefined : { code }),
    ...(request?.method === undefined ? undefined : { method: request.method }),
    ...(url === undefined ? undefined : { url: `${url.origin}${url.pathname}` })
  }
}

/** The message of a failed connection: `what`, the low-level code in parentheses, and advice for that code. */
export const connectionFailed = (what: string, cause: CauseSummary) => ({
  what: cause.code === undefined ? `${what}.` : `${what} (${cause.code}).`,
  // Deno reports a missing permission this way.
  fix:
    cause.name === "NotCapable" && cause.url !== undefined
      ? `Run deno with --allow-net=${new URL(cause.url).host}.`
      : connectionAdvice(cause.code),
  cause
})
