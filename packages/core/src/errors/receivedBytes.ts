/** Causes may form a cycle. */
const maxCauses = 8

/**
 * Removes what a parser could not read, which its error keeps: a server may have repeated the token in it. Everything else
 * of the platform's error stays.
 *
 * It goes by names, because an error may be of another realm. undici gives some of these errors no code.
 */
export const withoutReceivedBytes = (error: unknown): unknown => {
  let current = error
  for (let depth = 0; depth < maxCauses && typeof current === "object" && current !== null; depth += 1) {
    const { cause, code, name } = current as Error & { readonly code?: unknown }
    if (name === "HTTPParserError" || String(code).startsWith("HPE_")) {
      // The first is undici's, the second that of node:http.
      for (const field of ["data", "rawPacket"]) Reflect.deleteProperty(current, field)
    }
    current = cause
  }
  return error
}
