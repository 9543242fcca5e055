// Refuses to load any module of Node: node --import ./refuseNodeModules.mjs PROGRAM
import { isBuiltin, registerHooks } from "node:module"

registerHooks({
  resolve: (specifier, context, next) => {
    if (isBuiltin(specifier)) throw new Error(`${specifier} must not be loaded`)
    return next(specifier, context)
  }
})
