// The client
export { createDeeply, type CreateDeeplyOptions, type DeeplyClient } from "./createDeeply.ts"
export { createDeeplyPool, type CreateDeeplyPoolOptions } from "./createDeeplyPool.ts"
export type { TokenPool } from "@tokenkeep/core"
export { cloud, edge, type Host } from "@tokenkeep/deeply"
export type { AccessToken } from "@tokenkeep/core"

// Storage, transport and telemetry
export { MemoryStorage } from "./MemoryStorage.ts"
export type { TokenStorage } from "./TokenStorage.ts"
export { FetchTransport, type Transport } from "./FetchTransport.ts"
export type { FetchTransportOptions } from "@tokenkeep/transport-fetch"
export type { Telemetry } from "./Telemetry.ts"

// Errors, events and status
export { isTokenkeepError, type TokenkeepError, tokenkeepErrorOf } from "./TokenkeepError.ts"
export type { GrantStatus, TokenkeepErrorCode, TokenkeepErrorReason, TokenEvent, TokenStatus } from "@tokenkeep/core"

// Types of options and results
export type {
  EncryptionKey,
  FetchOptions,
  LifetimeSource,
  Rates,
  RejectionReason,
  RenewalReason,
  StorageCapabilities
} from "@tokenkeep/core"
export type {
  ApiKeyOf,
  ApiKeySource,
  Collection,
  DeeplyCollections,
  DeeplyEvent,
  DeeplyLabelId,
  DeeplyLocation,
  DeeplyMic,
  Duration,
  EventQuery,
  MicQuery,
  Page,
  PageQuery,
  RenewalOptions,
  RequestOptions,
  TokenRequestOptions
} from "@tokenkeep/deeply"
