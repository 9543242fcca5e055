// The promise door
export { createDeeply, type CreateDeeplyOptions, type DeeplyClient } from "./createDeeply.ts"

// The Effect door
export { Deeply, type DeeplyOptions } from "./Deeply.ts"

// Where the API is, and what it is
export { deeplyProvider } from "./deeplyProvider.ts"
export { cloud, edge, type Host, hostOf } from "./Host.ts"

// What goes wrong
export { AuthError, isAuthError } from "@tokenkeep/core"
