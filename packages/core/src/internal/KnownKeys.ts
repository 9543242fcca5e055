import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import type { ApiKey } from "../ApiKey.ts"

/**
 * The API keys in use by any client, so that one client's key is recognised in another client's request (REQ-5, KEY-1).
 *
 * Its layer is one constant, hence shared by all clients that are built in one memo map. A key is looked up as a whole
 * word, so that it takes no longer however many clients there are.
 */
export class KnownKeys extends Context.Service<
  KnownKeys,
  {
    readonly add: (key: ApiKey) => void
    /** Undoes one {@link add}. */
    readonly remove: (key: ApiKey) => void
    /** Whether a header's value, such as `Bearer KEY`, has one of the keys as a word. */
    readonly areIn: (value: string) => boolean
  }
>()("@tokenkeep/core/KnownKeys") {
  static readonly layer: Layer.Layer<KnownKeys> = Layer.sync(KnownKeys, () => {
    const users = new Map<string, number>()
    const change = (key: ApiKey, by: number) => {
      const text = key.reveal()
      const count = (users.get(text) ?? 0) + by
      if (count > 0) users.set(text, count)
      else users.delete(text)
    }
    return {
      add: (key) => change(key, 1),
      remove: (key) => change(key, -1),
      areIn: (value) => value.split(/[\s,;]+/).some((word) => users.has(word))
    }
  })
}
