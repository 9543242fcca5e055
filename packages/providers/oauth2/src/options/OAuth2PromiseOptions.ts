import type { AuthorizedClientOptions, TokenManagerOptionsOf } from "@tokenkeep/core"
import type { PrivateKey } from "../client/PrivateKey.ts"

// The types in this file mention no type of Effect, so that a package without Effect can export them.

/**
 * A period of time: a number of milliseconds, or a string with a number and a unit: millis, seconds,
 * minutes, hours, days or weeks.
 *
 * @example
 * ```ts
 * import type { Duration } from "@tokenkeep/oauth2"
 *
 * const durations: ReadonlyArray<Duration> = [1_500, "30 seconds", "1 hour"]
 * console.log(durations.length) // => 3
 * ```
 */
export type Duration = number | `${number} ${"milli" | "second" | "minute" | "hour" | "day" | "week"}${"" | "s"}`

/**
 * The source of a client secret: the secret itself, or a function that returns it. The function is called before every
 * token request, so a rotated secret is used without a restart.
 *
 * @example
 * ```ts
 * import type { ClientSecretSource } from "@tokenkeep/oauth2"
 *
 * const fromVault: ClientSecretSource = async () => "s3cr3t-2f6c1d8e"
 * console.log(typeof fromVault) // => function
 * ```
 */
export type ClientSecretSource = string | (() => string | undefined | Promise<string | undefined>)

/**
 * The source of a private key: the key itself, or a function that returns it. The function is called before every token
 * request, so a rotated key is used without a restart.
 *
 * @example
 * ```ts
 * import type { PrivateKeySource } from "@tokenkeep/oauth2"
 *
 * const fromVault: PrivateKeySource = async () => ({ kty: "OKP", crv: "Ed25519", x: "…", d: "…", kid: "2026-11" })
 * console.log(typeof fromVault) // => function
 * ```
 */
export type PrivateKeySource = PrivateKey | (() => PrivateKey | undefined | Promise<PrivateKey | undefined>)

/**
 * How a client authenticates at the token endpoint.
 *
 * @example
 * ```ts
 * import type { ClientAuthenticationMethod } from "@tokenkeep/oauth2"
 *
 * const method: ClientAuthenticationMethod = "client_secret_post"
 * console.log(method) // => client_secret_post
 * ```
 */
export type ClientAuthenticationMethod = "client_secret_basic" | "client_secret_post" | "private_key_jwt" | "none"

/** The client at the issuer, for one type of secret sources and one of key sources. */
interface OAuth2ClientOf<Secret, Key> {
  /** The client's id at the issuer, often shown as `client_id`. */
  readonly id: string
  /** The client secret or its source, or two of them that overlap during a rotation. */
  readonly secret?: Secret | readonly [Secret, Secret] | undefined
  /** Signs the assertions of `private_key_jwt`: the key or its source, or two of them that overlap during a rotation. */
  readonly privateKey?: Key | readonly [Key, Key] | undefined
  /**
   * Default `"private_key_jwt"` with a private key. With a secret, default `"client_secret_basic"`, or
   * `"client_secret_post"` if the issuer's metadata names that and not the other.
   */
  readonly method?: ClientAuthenticationMethod | undefined
}

/**
 * Additional parameters of a token request.
 *
 * @example
 * ```ts
 * import type { TokenRequestParameters } from "@tokenkeep/oauth2"
 *
 * const parameters: TokenRequestParameters = { organization: "acme" }
 * console.log(parameters["organization"]) // => acme
 * ```
 */
export type TokenRequestParameters = Readonly<Record<string, string>>

/** A grant, for one type of durations and one of the sources of refresh tokens. */
export type OAuth2GrantOf<Time, Secret> =
  | {
      readonly type: "client_credentials"
      /** The scopes to ask for, separated by spaces. */
      readonly scope?: string | undefined
    }
  | {
      /** A refresh token that each use may replace. All clients with the same storage and `id` share it. */
      readonly type: "refresh_token"
      /** Names the grant, such as the customer who consented: two customers never share a token. */
      readonly id: string
      /**
       * The refresh token to begin with. Once it is in the storage, the one there is used, and this one only again if it
       * changes: that is a new consent.
       */
      readonly refreshToken?: Secret | undefined
      readonly scope?: string | undefined
      /**
       * How long the server accepts a refresh token again after its first use, default 0. With it, an exchange that was
       * interrupted is repeated as soon as its time is over.
       */
      readonly grace?: Time | undefined
      /** Allows a storage that forgets the refresh token when the process ends, such as the memory; default false. */
      readonly allowVolatile?: boolean | undefined
    }
  | {
      /** The grant type, a URI. */
      readonly type: `${string}:${string}`
      readonly scope?: string | undefined
      /**
       * Names the grant, such as the customer that it is for. If `parameters` is a function, only clients with the same
       * `id` share a token; without an `id`, this client shares its token with no other.
       */
      readonly id?: string | undefined
      /** The parameters of the grant; a function is called before every token request. */
      readonly parameters?:
        | TokenRequestParameters
        | (() => TokenRequestParameters | Promise<TokenRequestParameters>)
        | undefined
    }

/**
 * The grant that an access token is requested with: client credentials, a refresh token, or any other grant of the token
 * endpoint.
 *
 * @example
 * ```ts
 * import type { OAuth2Grant } from "@tokenkeep/oauth2"
 *
 * const grant: OAuth2Grant = {
 *   type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
 *   id: "acme",
 *   parameters: async () => ({ assertion: "eyJhbGciOiJFUzI1NiJ9.e30.c2ln" })
 * }
 * const refreshed: OAuth2Grant = { type: "refresh_token", id: "acme", refreshToken: async () => "rt-7d1f0c52" }
 * console.log(grant.id, refreshed.type) // => acme refresh_token
 * ```
 */
export type OAuth2Grant = OAuth2GrantOf<Duration, ClientSecretSource>

/** The options of a client without its adapters, for one type of durations, of secret sources and of key sources. */
export interface OAuth2OptionsOf<Time, Secret, Key> extends TokenManagerOptionsOf<Time>, AuthorizedClientOptions {
  /** Where access tokens go: this URL and those below it. Its path is put in front of the path of every request. */
  readonly baseUrl: string | URL
  /** Who issues the tokens. Its metadata (RFC 8414 or OpenID Connect Discovery) names the token endpoint. */
  readonly issuer?: string | URL | undefined
  /** Where tokens are requested. With it, no metadata is read, and the credential goes to this origin only. */
  readonly tokenEndpoint?: string | URL | undefined
  /** Who you are at the issuer: `{ id, secret }` or `{ id, privateKey }`. */
  readonly client: OAuth2ClientOf<Secret, Key>
  /** What a token is requested with: `{ type: "client_credentials", scope }`, a refresh token, or another grant. */
  readonly grant: OAuth2GrantOf<Time, Secret>
  /** The API that the token is for, as one or more absolute URIs (RFC 8707). */
  readonly resource?: string | ReadonlyArray<string> | undefined
  /** The API that the token is for, in the spelling of servers that have their own parameter `audience`. */
  readonly audience?: string | undefined
  /** Further parameters of the token request, for servers that need them. */
  readonly parameters?: TokenRequestParameters | undefined
  /** Allows plain http to `baseUrl`, `issuer` and the token endpoint; to this machine it is always allowed. */
  readonly allowInsecureHttp?: boolean | undefined
  /** The credential's name in messages and events; `"client-secret"` or `"private-key"` by default. */
  readonly keyName?: string | undefined
}

/**
 * The options of a client that need no adapter.
 *
 * @example
 * ```ts
 * import type { OAuth2PromiseOptions } from "@tokenkeep/oauth2"
 *
 * const options: OAuth2PromiseOptions = {
 *   baseUrl: "https://api.example.test",
 *   issuer: "https://login.example.test",
 *   client: { id: "app", secret: () => "s3cr3t-2f6c1d8e" },
 *   grant: { type: "client_credentials", scope: "read" }
 * }
 * console.log(options.grant.type) // => client_credentials
 * ```
 */
export interface OAuth2PromiseOptions extends OAuth2OptionsOf<Duration, ClientSecretSource, PrivateKeySource> {}
