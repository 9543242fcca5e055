import { TokenkeepError } from "@tokenkeep/core"
import type * as Layer from "effect/Layer"

/** Gives layers a public type that does not name effect, and remembers which layers this package made. */
export const opaque = <Port, Hidden extends object>(kind: string, fix: string) => {
  const made = new WeakSet<object>()
  return {
    hide: (layer: Layer.Layer<Port>): Hidden => {
      made.add(layer)
      return layer as unknown as Hidden
    },
    /** Throws `CONFIG_INVALID` for any other value, such as an adapter that was made with another copy of effect. */
    reveal: (option: string, hidden: Hidden): Layer.Layer<Port> => {
      if (typeof hidden === "object" && made.has(hidden)) return hidden as unknown as Layer.Layer<Port>
      throw TokenkeepError.of(
        { _tag: "ConfigInvalid", option },
        { what: `The value of the option ${option} is not a ${kind} of the package tokenkeep.`, fix }
      )
    }
  }
}
