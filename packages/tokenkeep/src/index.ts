// The client
export { type AccessToken, createDeeply, type DeeplyClient } from "./createDeeply.ts"
export type { ApiKeySource, CreateDeeplyOptions, Duration, IssueOptions, RenewalOptions } from "./DeeplyOptions.ts"
export { cloud, edge, type Host } from "@tokenkeep/deeply"

// Where tokens are kept, and how requests are sent
export { FileStorage } from "./FileStorage.ts"
export { MemoryStorage } from "./MemoryStorage.ts"
export type { TokenStorage } from "./TokenStorage.ts"
export { FetchTransport, type Transport } from "./FetchTransport.ts"
export type { FileStorageOptions } from "@tokenkeep/storage-file"

// What goes wrong, and what happens
export { type AuthError, isAuthError } from "./AuthError.ts"
export type { AuthErrorCode, AuthErrorReason, TokenEvent, TokenStatus } from "@tokenkeep/core"

// What the client takes and gives
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
  Collection,
  DeeplyEvent,
  DeeplyLabelId,
  DeeplyLocation,
  DeeplyMic,
  EventQuery,
  MicQuery,
  Page,
  PageQuery,
  RequestOptions
} from "@tokenkeep/deeply"
