// The promise door
export { createTokenKeep, type CreateTokenKeepOptions, type TokenKeep } from "./TokenKeep.ts"

// The Effect door
export { AuthorizedClient, type AuthorizedClientOptions } from "./AuthorizedClient.ts"
export { type ApiKeySource, type ApiKeySources, Credentials, type KeySource } from "./Credentials.ts"
export { tokenKeepLayer, type TokenKeepOptions } from "./TokenKeepLayer.ts"
export { TokenManager } from "./TokenManager.ts"
export type { TokenManagerOptions } from "./TokenManagerOptions.ts"
export type { TokenStatus } from "./TokenStatus.ts"

// The two credentials
export { AccessToken, type AccessTokenOptions, type LifetimeSource } from "./AccessToken.ts"
export { ApiKey } from "./ApiKey.ts"
export { apiKeyFromEnvironment, readEnvironment } from "./Environment.ts"

// What goes wrong, and what happens
export { AuthError, type AuthErrorCode, authErrorCodes, type AuthErrorReason, isAuthError } from "./AuthError.ts"
export { metrics, spans } from "./Telemetry.ts"
export type { RejectionReason, RenewalReason, TokenEvent } from "./TokenEvent.ts"

// The three ports
export {
  type Answer,
  type IssueRequest,
  type IssueVerdict,
  Provider,
  type RateLimitAnswer,
  type Verdict
} from "./Provider.ts"
export {
  type Held,
  type Lease,
  type LeaseRequest,
  type StorageCapabilities,
  StorageFailure,
  type StoredText,
  TokenStorage
} from "./TokenStorage.ts"
export { FallbackStorage } from "./FallbackStorage.ts"
export type { EncryptionKey } from "./internal/sealing.ts"
export type { StorageOptions } from "./internal/storageSettings.ts"
export { Transport, type TransportResponse } from "./Transport.ts"

// For providers
export { type Challenge, challengesIn } from "./Challenge.ts"
export { type ApiCall, type ApiClient, makeApiClient } from "./ApiClient.ts"
export { type ApiClientOptions, apiSettings, type Rates } from "./ApiOptions.ts"
export { checkBaseUrl } from "./internal/baseUrl.ts"
export type { IssueOptions, IssuerCareOptions } from "./internal/issuerSettings.ts"
export type { RenewalOptions } from "./RenewalPolicy.ts"
export type { FetchOptions } from "./internal/outgoing.ts"
