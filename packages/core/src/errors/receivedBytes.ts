/** Causes may form a cycle. */
const maxCauses = 8

/**
 * Removes what undici's parser could not read, which its error keeps in `data`: a server may have repeated the token in
 * it. Everything else of the platform's error stays.
 */
export const withoutReceivedBytes = (error: unknown): unknown => {
  let current = error
  for (let depth = 0; depth < maxCauses && current instanceof Error; depth += 1) {
    if ("code" in current && String(current.code).startsWith("HPE_")) Reflect.deleteProperty(current, "data")
    current = current.cause
  }
  return error
}
