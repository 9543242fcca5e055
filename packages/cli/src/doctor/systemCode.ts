/** How long a check waits for a server, in milliseconds. */
export const longestWait = 5_000

/** The code of a low-level error, such as `ENOTFOUND`; it never shows an error's message, which may quote a URL. */
export const systemCode = (error: unknown): string => {
  if (typeof error !== "object" || error === null) return "unknown cause"
  const { cause, code, name } = error as { readonly code?: unknown; readonly cause?: unknown; readonly name?: unknown }
  if (name === "TimeoutError") return "no response in time"
  if (typeof code === "string") return code
  return cause === undefined ? "unknown cause" : systemCode(cause)
}
