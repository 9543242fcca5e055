/** What tells one system error from another; whatever else a foreign error holds may hold a secret. */
const telling = ["code", "errno", "syscall", "hostname", "address", "port"] as const

/** A copy of a foreign error with what can be acted on: parser errors quote the answer, mocks the request (SEC-1). */
const plain = (error: unknown, credential: string | undefined): unknown => {
  if (!(error instanceof Error)) return undefined
  const quotes = credential !== undefined && error.message.includes(credential)
  const copy = new Error(quotes ? "the message is left out: it quotes a secret" : error.message)
  copy.name = error.name
  for (const field of telling) {
    const value: unknown = Reflect.get(error, field)
    if (typeof value === "string" || typeof value === "number") Reflect.set(copy, field, value)
  }
  return copy
}

/** The part of an `Authorization` that is secret. */
export const credentialOf = (authorization: string | undefined): string | undefined => authorization?.split(" ").at(-1)

/** What fetch rejects with when there is no answer, and what its bodies fail with when the rest does not come. */
export const fetchError = (what: "fetch failed" | "terminated", cause: unknown): TypeError =>
  new TypeError(what, { cause })

/** The same for an error of undici's, without what it could print. */
export const undiciError = (
  what: "fetch failed" | "terminated",
  error: unknown,
  credential: string | undefined
): TypeError => fetchError(what, plain(error, credential))
