// Refuses every module of Node, as a runtime that has none would: node --import ./withoutBuiltins.mjs PROGRAM
import { isBuiltin, registerHooks } from "node:module"

registerHooks({
  resolve: (specifier, context, next) => {
    if (isBuiltin(specifier)) throw new Error(`there is no ${specifier} here`)
    return next(specifier, context)
  }
})
