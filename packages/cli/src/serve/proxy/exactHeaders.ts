import type { Dispatcher } from "undici"

/** What the transport adds, as fetch does. An API may respond differently to it. */
const added = ["accept", "user-agent"] as const

type Added = (typeof added)[number]

const without = (dispatcher: Dispatcher, names: ReadonlyArray<Added>): Dispatcher =>
  dispatcher.compose((dispatch) => (options, handler) => {
    const headers = { ...(options.headers as Record<string, string>) }
    for (const name of names) delete headers[name]
    return dispatch({ ...options, headers }, handler)
  })

/**
 * Chooses what a request is sent through, so that it has the headers of its caller and no others. `undefined` is the
 * dispatcher of the transport: the caller sent the headers that it adds.
 */
export const makeExactHeaders = (dispatcher: Dispatcher) => {
  const both = without(dispatcher, added)
  const each = { accept: without(dispatcher, ["accept"]), "user-agent": without(dispatcher, ["user-agent"]) }
  return (headers: Readonly<Record<string, string>>): Dispatcher | undefined => {
    const missing = added.filter((name) => !(name in headers))
    return missing.length === 2 ? both : missing[0] && each[missing[0]]
  }
}
