import type { PromiseTokenKeep, TokenPool } from "@tokenkeep/core"
import {
  createOAuth2 as createWithLayers,
  createOAuth2Pool as createPoolWithLayers,
  type OAuth2PoolPromiseOptions,
  type OAuth2PromiseOptions
} from "@tokenkeep/oauth2"
import type { Transport } from "./FetchTransport.ts"
import { type Adapters, revealed } from "./internal/revealed.ts"
import type { Telemetry } from "./Telemetry.ts"
import type { TokenkeepError } from "./TokenkeepError.ts"
import type { TokenStorage } from "./TokenStorage.ts"

export type { GrantStatus, TokenPool } from "@tokenkeep/core"
export type {
  ById,
  ClientAuthenticationMethod,
  ClientSecretSource,
  Duration,
  OAuth2Grant,
  OAuth2PoolGrant,
  PrivateJwk,
  PrivateKey,
  PrivateKeySource,
  SigningKey,
  TokenRequestParameters
} from "@tokenkeep/oauth2"

/**
 * The options of a client of an API with OAuth2.
 *
 * @example
 * ```ts
 * import type { CreateOAuth2Options } from "tokenkeep/oauth2"
 *
 * const options: CreateOAuth2Options = {
 *   baseUrl: "https://api.example.test",
 *   issuer: "https://login.example.test",
 *   client: { id: "app", secret: () => "s3cr3t-2f6c1d8e" },
 *   grant: { type: "client_credentials", scope: "read" }
 * }
 * console.log(options.client.id) // => app
 * ```
 */
export interface CreateOAuth2Options extends OAuth2PromiseOptions {
  /** How requests are sent; default the platform's fetch. */
  readonly transport?: Transport | undefined
  /** Where the token is stored; default the memory of this client. Clients with the same storage share one token. */
  readonly storage?: TokenStorage | undefined
  /** A storage to use while `storage` fails, such as files for all processes of a host; default this process's memory. */
  readonly fallbackStorage?: TokenStorage | undefined
  /** Where spans and metrics go, such as `OpenTelemetry.layer()` of `tokenkeep/opentelemetry`; default nowhere. */
  readonly telemetry?: Telemetry | undefined
}

/**
 * A client of an API with OAuth2. Its functions work without the object, as in `const { fetch } = crm`.
 *
 * @example
 * ```ts
 * import type { OAuth2Client } from "tokenkeep/oauth2"
 *
 * const orders = async ({ fetch }: OAuth2Client): Promise<unknown> => (await fetch("/orders")).json()
 * console.log(typeof orders) // => function
 * ```
 */
export interface OAuth2Client extends PromiseTokenKeep {
  /** The error that a 401, 403 or 429 response means. The body of the response stays readable. */
  readonly explain: (response: Response) => Promise<TokenkeepError | undefined>
  /**
   * Puts a new refresh token in place, after the user has consented again: for all clients that share the grant, without
   * a restart. Rejects with `CONFIG_INVALID` for another grant, `API_KEY_MALFORMED` or `STORAGE_FAILED`.
   */
  readonly replaceGrant: (refreshToken: string) => Promise<void>
}

/**
 * Creates a client. It sends nothing until it is used.
 *
 * Throws `CONFIG_INVALID`, `INSECURE_ORIGIN` or, for a literal secret, `API_KEY_MALFORMED` if an option is wrong. If there
 * is no secret or private key, the first call rejects with `API_KEY_MISSING`.
 *
 * @example
 * ```ts
 * import { createOAuth2 } from "tokenkeep/oauth2"
 *
 * await using crm = createOAuth2({
 *   baseUrl: "https://api.example.test",
 *   issuer: "https://login.example.test",
 *   client: { id: "app", secret: () => "s3cr3t-2f6c1d8e" },
 *   grant: { type: "client_credentials", scope: "read" }
 * })
 * console.log(crm.baseUrl, crm.status().state) // => https://api.example.test/ empty
 * ```
 */
export const createOAuth2 = (options: CreateOAuth2Options): OAuth2Client => {
  // `run` runs effects, which users of this package do not have.
  const { run: _, ...client } = createWithLayers(revealed(options))
  return client
}

/**
 * The options of a pool of clients.
 *
 * @example
 * ```ts
 * import type { CreateOAuth2PoolOptions } from "tokenkeep/oauth2"
 *
 * const options: CreateOAuth2PoolOptions = {
 *   baseUrl: (id) => `https://${id}.example.test`,
 *   issuer: "https://login.example.test",
 *   client: { id: "app", secret: () => "s3cr3t-2f6c1d8e" },
 *   grant: (id) => ({ type: "refresh_token", refreshToken: async () => `rt-${id}` })
 * }
 * console.log(typeof options.grant) // => function
 * ```
 */
export interface CreateOAuth2PoolOptions extends OAuth2PoolPromiseOptions, Adapters {}

/**
 * Creates the clients of many customers, each with a grant or a credential of its own. They share one storage and one
 * transport.
 *
 * Throws `CONFIG_INVALID` if an option is wrong. What is wrong with the options of one id is the error of that client's
 * calls. It sends nothing until a client is used.
 *
 * @example
 * ```ts
 * import { createOAuth2Pool } from "tokenkeep/oauth2"
 *
 * await using crm = createOAuth2Pool({
 *   baseUrl: "https://api.example.test",
 *   issuer: "https://login.example.test",
 *   client: { id: "app", secret: () => "s3cr3t-2f6c1d8e" },
 *   grant: (id) => ({ type: "refresh_token", refreshToken: async () => `rt-${id}`, allowVolatile: true })
 * })
 * console.log(crm.client("acme").status().state, crm.size) // => empty 0
 * ```
 */
export const createOAuth2Pool = (options: CreateOAuth2PoolOptions): TokenPool<OAuth2Client> =>
  createPoolWithLayers(revealed(options))
