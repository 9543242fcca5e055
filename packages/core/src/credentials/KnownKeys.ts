import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import type { ApiKey } from "./ApiKey.ts"

/**
 * The API keys of all clients, so that one client's key is recognised in another client's request.
 *
 * All clients that are built with one memo map share this layer. A key is looked up as a whole word, so the time does not
 * grow with the number of clients.
 */
export class KnownKeys extends Context.Service<
  KnownKeys,
  {
    readonly add: (key: ApiKey) => void
    /** Undoes one {@link add}. */
    readonly remove: (key: ApiKey) => void
    /** Whether a header's value, such as `Bearer KEY`, contains one of the keys as a word. */
    readonly areIn: (value: string) => boolean
  }
>()("@tokenkeep/core/KnownKeys") {
  static readonly layer: Layer.Layer<KnownKeys> = Layer.sync(KnownKeys, () => {
    const clients = new Map<string, number>()
    const change = (key: ApiKey, by: number) => {
      const value = key.reveal()
      const count = (clients.get(value) ?? 0) + by
      if (count > 0) clients.set(value, count)
      else clients.delete(value)
    }
    return {
      add: (key) => change(key, 1),
      remove: (key) => change(key, -1),
      areIn: (value) => value.split(/[\s,;]+/).some((word) => clients.has(word))
    }
  })
}
