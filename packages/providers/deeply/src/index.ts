// The promise door
export { createDeeply, type CreateDeeplyOptions, type DeeplyClient } from "./createDeeply.ts"

// The Effect door
export { Deeply } from "./Deeply.ts"

// What both take and give
export type { Collection, EffectCollection, RequestOptions } from "./Collection.ts"
export type { DeeplyEvent, DeeplyLabelId, DeeplyLocation, EventQuery } from "./DeeplyEvent.ts"
export type { DeeplyMic, MicQuery } from "./DeeplyMic.ts"
export type { DeeplyOptions } from "./DeeplyOptions.ts"
export type { Page, PageQuery } from "./Page.ts"

// Where the API is, and what it is
export { deeplyProvider } from "./deeplyProvider.ts"
export { cloud, edge, type Host, hostOf } from "./Host.ts"

// What goes wrong
export { AuthError, isAuthError } from "@tokenkeep/core"
