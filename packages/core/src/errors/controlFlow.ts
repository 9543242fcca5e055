/**
 * Whether an error is one with which a framework controls what it renders: Next.js throws errors with a `digest` from its
 * `fetch`, and fails the build if they do not arrive unchanged.
 */
export const isControlFlow = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "digest" in error && typeof error.digest === "string"
