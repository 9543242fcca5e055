// The promise API
export { createOAuth2, type CreateOAuth2Options, type OAuth2Client } from "./createOAuth2.ts"

// Many customers
export { createOAuth2Pool } from "./createOAuth2Pool.ts"
export type { OAuth2PoolApi, OAuth2PoolClient, OAuth2PoolServiceClass } from "./OAuth2Pool.ts"
export type { CreateOAuth2PoolOptions, OAuth2PoolOptions } from "./options/OAuth2PoolOptions.ts"
export type { ById, OAuth2PoolGrant, OAuth2PoolPromiseOptions } from "./options/OAuth2PoolPromiseOptions.ts"
export type { TokenPool } from "@tokenkeep/core"

// The Effect API
export { OAuth2, type OAuth2Api, type OAuth2ServiceClass } from "./OAuth2.ts"

// Options
export type { EffectPrivateKeySource, OAuth2Options } from "./options/OAuth2Options.ts"
export type {
  ClientAuthenticationMethod,
  ClientSecretSource,
  Duration,
  OAuth2Grant,
  OAuth2PromiseOptions,
  PrivateKeySource,
  TokenRequestParameters
} from "./options/OAuth2PromiseOptions.ts"
export type { PrivateJwk, PrivateKey, SigningKey } from "./client/PrivateKey.ts"

// Errors
export { isTokenkeepError, TokenkeepError } from "@tokenkeep/core"
