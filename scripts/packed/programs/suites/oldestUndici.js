// Preloaded by Node: gives every import of undici the oldest version that the transport supports.
import { registerHooks } from "node:module"

registerHooks({
  resolve: (specifier, context, next) => next(specifier === "undici" ? "undici-7" : specifier, context)
})
