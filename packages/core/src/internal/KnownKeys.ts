import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import type { ApiKey } from "../ApiKey.ts"

/** How many keys are remembered: rotation over months must not grow memory without end. */
const capacity = 64

/**
 * The API keys in use, so that a request that carries one by mistake is caught (REQ-5, KEY-1).
 *
 * Its layer is one constant, hence shared by all clients that are built in one memo map: one client's key is
 * recognised in another client's request.
 */
export class KnownKeys extends Context.Service<
  KnownKeys,
  {
    readonly add: (key: ApiKey) => void
    readonly isIn: (text: string) => boolean
  }
>()("@tokenkeep/core/KnownKeys") {
  static readonly layer: Layer.Layer<KnownKeys> = Layer.sync(KnownKeys, () => {
    let keys: ReadonlyArray<ApiKey> = []
    return {
      add: (key) => {
        if (keys.some((known) => known.equals(key))) return
        keys = [...keys, key].slice(-capacity)
      },
      isIn: (text) => keys.some((key) => key.isIn(text))
    }
  })
}
