import type { ApiKey } from "./ApiKey.ts"
import { shortest } from "./containsPart.ts"

/** How many clients use each key. */
const clients = new Map<string, number>()

const change = (key: ApiKey, by: number) => {
  const value = key.reveal()
  if (value.length < shortest) return
  const count = (clients.get(value) ?? 0) + by
  if (count > 0) clients.set(value, count)
  else clients.delete(value)
}

/**
 * The API keys of all clients of this process, so that one client's key is recognised in another client's request. A key
 * is looked up as a whole word, so the time does not grow with the number of clients.
 */
export const knownKeys = {
  add: (key: ApiKey): void => change(key, 1),
  /** Undoes one `add`. */
  remove: (key: ApiKey): void => change(key, -1),
  /** Whether a string, such as `Bearer KEY`, contains one of the keys as a word. */
  areIn: (value: string): boolean => value.split(/[\s,;]+/).some((word) => clients.has(word))
}
