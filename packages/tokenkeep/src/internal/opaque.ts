import { AuthError } from "@tokenkeep/core"
import type * as Layer from "effect/Layer"

/** Hides layers of effect behind a type that does not name it, and finds those again that it hid. */
export const opaque = <Port, Hidden extends object>(kind: string, fix: string) => {
  const made = new WeakSet<object>()
  return {
    hide: (layer: Layer.Layer<Port>): Hidden => {
      made.add(layer)
      return layer as unknown as Hidden
    },
    /** Throws `CONFIG_INVALID` for what was made elsewhere, such as by an adapter with a copy of effect of its own. */
    reveal: (option: string, hidden: Hidden): Layer.Layer<Port> => {
      if (typeof hidden === "object" && made.has(hidden)) return hidden as unknown as Layer.Layer<Port>
      throw AuthError.of(
        { _tag: "ConfigInvalid", option },
        { what: `The option ${option} is no ${kind} that this package made.`, fix }
      )
    }
  }
}
