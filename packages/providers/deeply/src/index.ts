// The promise API
export { createDeeply, type CreateDeeplyOptions, type DeeplyClient } from "./createDeeply.ts"
export type { Collection, DeeplyCollections, RequestOptions } from "./collections/Collection.ts"

// Many customers
export { createDeeplyPool } from "./createDeeplyPool.ts"
export { DeeplyPool } from "./DeeplyPool.ts"
export type { CreateDeeplyPoolOptions, DeeplyPoolOptions, EffectApiKeyOf } from "./options/DeeplyPoolOptions.ts"
export type { ApiKeyOf, DeeplyPoolPromiseOptions } from "./options/DeeplyPoolPromiseOptions.ts"
export type { TokenPool } from "@tokenkeep/core"

// The Effect API
export { Deeply } from "./Deeply.ts"
export type { EffectCollection } from "./collections/EffectCollection.ts"

// Options
export type { DeeplyOptions } from "./options/DeeplyOptions.ts"
export type {
  ApiKeySource,
  DeeplyPromiseOptions,
  Duration,
  RenewalOptions,
  TokenRequestOptions
} from "./options/DeeplyPromiseOptions.ts"

// Events and microphones
export type { DeeplyEvent, DeeplyLabelId, DeeplyLocation } from "./events/DeeplyEvent.ts"
export type { EventQuery } from "./events/EventQuery.ts"
export type { DeeplyMic } from "./mics/DeeplyMic.ts"
export type { MicQuery } from "./mics/MicQuery.ts"
export type { Page, PageQuery } from "./pages/Page.ts"

// Hosts, and the provider for `@tokenkeep/core`
export { cloud, edge, type Host, hostOf } from "./Host.ts"
export { deeplyProvider } from "./provider/deeplyProvider.ts"

// Errors
export { isTokenkeepError, TokenkeepError } from "@tokenkeep/core"
