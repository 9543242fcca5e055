import { isNativeError } from "node:util/types"

/** The fields of a system error that are safe to copy. Any other field may hold a secret. */
const systemErrorFields = ["code", "errno", "syscall", "hostname", "address", "port"] as const

/** Copies only what helps to fix the error: parser errors quote the response, and mock errors the request. */
const safeCopy = (error: unknown, credential: string | undefined): unknown => {
  // In a test runner, Node's errors may be of another realm.
  if (!(error instanceof Error) && !isNativeError(error)) return undefined
  const isSecret = credential !== undefined && error.message.includes(credential)
  const copy = new Error(isSecret ? "The message was removed because it contained a secret." : error.message)
  copy.name = error.name
  for (const field of systemErrorFields) {
    const value: unknown = Reflect.get(error, field)
    if (typeof value === "string" || typeof value === "number") Reflect.set(copy, field, value)
  }
  return copy
}

/** The secret part of an `Authorization` header. */
export const credentialOf = (authorization: string | undefined): string | undefined => authorization?.split(" ").at(-1)

/** The error that fetch rejects with: "fetch failed" before the response, "terminated" while its body arrives. */
export const fetchError = (message: "fetch failed" | "terminated", cause: unknown): TypeError =>
  new TypeError(message, { cause })

/** The same for an error from undici, without any secrets. */
export const undiciError = (
  message: "fetch failed" | "terminated",
  error: unknown,
  credential: string | undefined
): TypeError => fetchError(message, safeCopy(error, credential))
