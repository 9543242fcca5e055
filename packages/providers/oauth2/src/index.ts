// The promise API
export { createOAuth2, type CreateOAuth2Options, type OAuth2Client } from "./createOAuth2.ts"

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
