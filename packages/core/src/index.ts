// The promise API
export { createTokenKeep, type CreateTokenKeepOptions, type PromiseTokenKeep, type TokenKeep } from "./TokenKeep.ts"

// Pools of clients
export { createTokenKeepPool, type CreateTokenKeepPoolOptions, type TokenPool } from "./pool/TokenKeepPool.ts"
export { type EffectPool, makeTokenKeepPool } from "./pool/EffectPool.ts"
export { PooledClient } from "./pool/PooledClient.ts"
export type { PoolConnection, PoolOptions } from "./pool/poolSettings.ts"

// The Effect API
export { AuthorizedClient } from "./requests/AuthorizedClient.ts"
export type { CredentialTerms } from "./credentials/CredentialTerms.ts"
export { type ApiKeySource, type ApiKeySources, Credentials, type KeySource } from "./credentials/Credentials.ts"
export { tokenKeepChecks, tokenKeepLayer, type TokenKeepOptions } from "./TokenKeepLayer.ts"
export { TokenManager } from "./lifecycle/TokenManager.ts"

// Options
export type { AuthorizedClientOptions } from "./requests/clientSettings.ts"
export type { FetchOptions } from "./requests/preparedRequest.ts"
export type { RenewalOptions, RenewalOptionsOf } from "./lifecycle/RenewalPolicy.ts"
export type { TokenManagerOptions, TokenManagerOptionsOf } from "./lifecycle/TokenManagerOptions.ts"
export type { EncryptionKey } from "./storage/encryptionKey.ts"
export type { StorageOptions } from "./storage/storageSettings.ts"
export type {
  TokenRequestLimitOptions,
  TokenRequestOptions,
  TokenRequestOptionsOf
} from "./token-request/tokenRequestSettings.ts"

// Credentials and tokens
export { AccessToken, type AccessTokenOptions, type LifetimeSource } from "./credentials/AccessToken.ts"
export { ApiKey } from "./credentials/ApiKey.ts"
export { apiKeyFromEnvironment, readEnvironment } from "./credentials/Environment.ts"

// Errors
export {
  type TokenkeepErrorCode,
  tokenkeepErrorCodes,
  type TokenkeepErrorFields,
  type TokenkeepErrorReason
} from "./errors/errorCodes.ts"
export { isTokenkeepError, TokenkeepError, tokenkeepErrorOf } from "./errors/TokenkeepError.ts"
export { transportFailed } from "./errors/transportFailed.ts"

// Observability
export type { TokenStatus } from "./lifecycle/TokenStatus.ts"
export { histogramBounds, metrics, spans } from "./telemetry/names.ts"
export { Telemetry } from "./telemetry/Telemetry.ts"
export type { TelemetryService } from "./telemetry/TelemetryService.ts"
export type { RejectionReason, RenewalReason, TokenEvent } from "./telemetry/TokenEvent.ts"

// The three ports
export {
  type CredentialRejection,
  Provider,
  type ProviderGrant,
  type ProviderResponse,
  type RateLimitVerdict,
  type RecordNameParts,
  type TokenFetch,
  type TokenRequest,
  type TokenVerdict,
  type Verdict
} from "./ports/Provider.ts"
export {
  type Lease,
  type LeaseRequest,
  type LeaseTaken,
  type StorageCapabilities,
  StorageFailure,
  type ExclusiveChange,
  type ExclusiveRecord,
  type ExclusiveRecords,
  type StoredRecord,
  TokenStorage,
  maxLeaseMillis
} from "./ports/TokenStorage.ts"
export { FallbackStorage } from "./ports/FallbackStorage.ts"
export { Transport } from "./ports/Transport.ts"
export type { TransportResponse } from "./ports/TransportResponse.ts"

export type { GrantStatus } from "./grants/GrantStatus.ts"

// For providers
export { jsonToken } from "./ports/jsonToken.ts"
export type { JsonTokenOptions } from "./ports/JsonTokenOptions.ts"
export { pureTokenRequest } from "./ports/pureTokenRequest.ts"
export { type ApiCall, type ApiClient, makeApiClient } from "./api/ApiClient.ts"
export { type ApiClientOptions, type ApiClientOptionsOf, apiSettings, type Rates } from "./api/ApiOptions.ts"
export { checkOptions, ofType, type OptionCheck, positiveMillis } from "./errors/optionChecks.ts"
export { checkBaseUrl } from "./requests/baseUrl.ts"
