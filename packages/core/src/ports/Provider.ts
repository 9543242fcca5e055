import * as Context from "effect/Context"
import type { Rates } from "../api/ApiOptions.ts"
import type { ApiKey } from "../credentials/ApiKey.ts"
import type { CredentialTerms } from "../credentials/CredentialTerms.ts"
import type { ApiKeySource } from "../credentials/Credentials.ts"
import type { TokenkeepError } from "../errors/TokenkeepError.ts"

/**
 * A response as a provider sees it: plain facts, no I/O.
 *
 * @example
 * ```ts
 * import type { ProviderResponse } from "@tokenkeep/core"
 *
 * const response: ProviderResponse = { status: 403, headers: new Headers(), text: "{}", sentToken: true }
 * console.log(response.status) // => 403
 * ```
 */
export interface ProviderResponse {
  readonly status: number
  readonly headers: Headers
  /** At most 64 KiB of the body, decoded as UTF-8. */
  readonly text: string
  /** Whether the request carried an access token. */
  readonly sentToken: boolean
}

/**
 * What a 429 response says about its limit.
 *
 * @example
 * ```ts
 * import type { RateLimitVerdict } from "@tokenkeep/core"
 *
 * const limited: RateLimitVerdict = { _tag: "RateLimited", resetAt: 1_640_995_200_000, limit: 1000, remaining: 0 }
 * console.log(limited.limit) // => 1000
 * ```
 */
export interface RateLimitVerdict {
  readonly _tag: "RateLimited"
  /** When the limit resets, in epoch milliseconds, if the body says so; core reads `Retry-After` itself. */
  readonly resetAt?: number | undefined
  readonly limit?: number | undefined
  readonly remaining?: number | undefined
}

/**
 * The outcome of a token request.
 *
 * @example
 * ```ts
 * import type { TokenVerdict } from "@tokenkeep/core"
 *
 * const verdict: TokenVerdict = { _tag: "Issued", token: "tok-1" }
 * console.log(verdict._tag) // => Issued
 * ```
 */
export type TokenVerdict =
  | {
      readonly _tag: "Issued"
      readonly token: string
      /** The lifetime in milliseconds, if the response declares it. It starts when the token request is sent. */
      readonly lifetime?: number
      /** When the token expires, by the provider's clock, in epoch milliseconds, if the response declares it. */
      readonly expiresAt?: number
      /** The refresh token that replaces the one that was sent; none if that stays valid. */
      readonly refreshToken?: string
      /** The lifetime of the refresh token in milliseconds, if the response declares it. */
      readonly refreshTokenLifetime?: number
    }
  /** The refresh token was rejected: it expired, it was used before, or the consent was withdrawn. */
  | { readonly _tag: "GrantRejected" }
  | {
      readonly _tag: "KeyRejected"
      /** Whether the provider itself rejected the key, not a firewall or a captive portal; false by default. */
      readonly documented?: boolean
      /** What `rejectionError` of the provider needs to choose the error; no part of the response. */
      readonly reason?: string
    }
  | RateLimitVerdict
  /** A temporary fault of the issuer: worth a retry. */
  | { readonly _tag: "Unavailable" }
  /**
   * Not a response with a token; `detail` says what is wrong with it and quotes none of it, `fix` what to do. A refresh
   * token in it counts nevertheless: the server has replaced the one that was sent.
   */
  | { readonly _tag: "Invalid"; readonly detail: string; readonly fix?: string; readonly refreshToken?: string }

/**
 * What a provider reads from the response to an API request.
 *
 * @example
 * ```ts
 * import type { Verdict } from "@tokenkeep/core"
 *
 * const verdict: Verdict = { _tag: "TokenExpired" }
 * console.log(verdict._tag) // => TokenExpired
 * ```
 */
export type Verdict =
  | { readonly _tag: "TokenExpired" }
  | { readonly _tag: "TokenInvalid" }
  | { readonly _tag: "TokenMissing" }
  /** `detail` says why, such as "the token lacks the scope write", and `fix` what to do. */
  | { readonly _tag: "Forbidden"; readonly detail?: string; readonly fix?: string }
  | RateLimitVerdict
  /** Not about authorization: the caller handles it. */
  | { readonly _tag: "Other" }

/**
 * A credential that the issuer rejected. The provider's `rejectionError` makes an error from it.
 *
 * @example
 * ```ts
 * import type { CredentialRejection } from "@tokenkeep/core"
 *
 * const rejection: CredentialRejection = { key: "client-secret", status: 401, retryAt: 0, documented: true }
 * console.log(rejection.status) // => 401
 * ```
 */
export interface CredentialRejection {
  /** The credential's name, as configured. */
  readonly key: string
  readonly status: number
  /** Until when no token request is sent with it, in epoch milliseconds. */
  readonly retryAt: number
  /** Whether the provider itself rejected it. */
  readonly documented: boolean
  /** The `reason` of the verdict; another client's verdict may be read from the storage. */
  readonly reason?: string | undefined
}

/**
 * The request that turns an API key into an access token.
 *
 * @example
 * ```ts
 * import type { TokenRequest } from "@tokenkeep/core"
 *
 * const request: TokenRequest = { path: "/token", method: "POST", headers: {} }
 * console.log(request.path) // => /token
 * ```
 */
export interface TokenRequest {
  /** A path, resolved against the first of the provider's token origins, or a URL of one of them. */
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * The `fetch` that a provider sends its token request with. It reaches the provider's token origins only, follows no
 * redirect, sends no cookies, caches nothing, and reads a bounded body; it ends with the deadline of the token request,
 * and when the provider returns. What it rejects with is a {@link TokenkeepError} without secrets, which the provider
 * lets pass or wraps as a cause.
 *
 * @example
 * ```ts
 * import type { TokenFetch } from "@tokenkeep/core"
 *
 * const askForToken = async (fetch: TokenFetch) => (await fetch("/token", { method: "POST" })).status
 * console.log(await askForToken(async () => new Response("tok-1"))) // => 200
 * ```
 */
export type TokenFetch = (
  input: string | URL,
  init?: Pick<RequestInit, "method" | "headers" | "body">
) => Promise<Response>

/**
 * The parts of a record's name that the provider knows. Clients that differ in any of them never share a token.
 *
 * @example
 * ```ts
 * import type { RecordNameParts } from "@tokenkeep/core"
 *
 * const parts: RecordNameParts = { issuer: "https://login.example.test", client: "billing", scope: "read" }
 * console.log(parts.client) // => billing
 * ```
 */
export interface RecordNameParts {
  /** Who issues the tokens; the base URL by default. */
  readonly issuer?: string | undefined
  readonly client?: string | undefined
  readonly scope?: string | undefined
  readonly audience?: string | undefined
  /** Anything else that the token depends on, such as the grant. */
  readonly details?: string | undefined
}

/**
 * A refresh token that is replaced each time it is used. All clients with the same record name share it.
 *
 * @example
 * ```ts
 * import type { ProviderGrant } from "@tokenkeep/core"
 *
 * const grant: ProviderGrant = { id: "acme", refreshToken: () => "rt-7d1f0c52", grace: 60_000 }
 * console.log(grant.id) // => acme
 * ```
 */
export interface ProviderGrant {
  /** Its name, as configured, for messages. */
  readonly id: string
  /** The refresh token to begin with. The one in the storage wins, unless this one was never seen there. */
  readonly refreshToken?: ApiKeySource | undefined
  /** How long the server accepts a refresh token again after its first use, in milliseconds; 0 by default. */
  readonly grace?: number | undefined
  /** Whether a storage may hold it that forgets it when the process ends; false by default. */
  readonly allowVolatile?: boolean | undefined
}

/**
 * PORT: what one API is. It keeps no state, its only I/O is the token request, and it reads a clock only to sign that.
 *
 * @example
 * ```ts
 * import { Provider, pureTokenRequest } from "@tokenkeep/core"
 *
 * const example = Provider.of({
 *   name: "example",
 *   baseUrl: "https://api.example.test",
 *   allowInsecureHttp: false,
 *   requestToken: pureTokenRequest({
 *     tokenRequest: (apiKey) => ({
 *       path: "/token",
 *       method: "POST",
 *       headers: { authorization: `Bearer ${apiKey.reveal()}` }
 *     }),
 *     readTokenResponse: ({ status, text }) =>
 *       status === 200 ? { _tag: "Issued", token: text } : { _tag: "Invalid", detail: `status ${status}` }
 *   }),
 *   classify: ({ status }) => (status === 401 ? { _tag: "TokenInvalid" } : { _tag: "Other" })
 * })
 * console.log(example.name) // => example
 * ```
 */
export class Provider extends Context.Service<
  Provider,
  {
    /** Names the provider in stored records and messages. */
    readonly name: string
    /** Where access tokens may go: this URL and those below it. */
    readonly baseUrl: string
    /** Where the API key may go, as URLs: token requests reach these origins only. The base URL by default. */
    readonly tokenOrigins?: ReadonlyArray<string> | undefined
    /**
     * Finds the token origins, such as in a discovery document, before every token request, so it keeps what it found.
     * Its `fetch` reaches the `tokenOrigins` only, and it does not get the API key. The token request then reaches only the
     * origins that it returns, which must be https, or plain http that is allowed.
     */
    readonly discoverTokenOrigins?:
      | ((context: { readonly fetch: TokenFetch }) => Promise<ReadonlyArray<string>>)
      | undefined
    /** Whether plain http to hosts other than this machine was allowed by name. */
    readonly allowInsecureHttp: boolean
    /** How long other servers may take to know a new token, in milliseconds; 0 by default. */
    readonly propagation?: number
    /** What each endpoint accepts, which typed calls respect; no limits by default. */
    readonly rates?: Rates
    readonly recordName?: RecordNameParts | undefined
    /** What messages call the credential, and the option that it is passed as; "API key" and "apiKey" by default. */
    readonly credential?: CredentialTerms | undefined
    /** The error for a rejected credential; `API_KEY_REJECTED` by default. It must not throw. */
    readonly rejectionError?:
      | ((
          rejection: CredentialRejection
        ) => Extract<TokenkeepError, { readonly code: "API_KEY_REJECTED" | "CLIENT_REJECTED" | "SCOPE_REJECTED" }>)
      | undefined
    /** The refresh token that tokens are requested with, if there is one. No client continues without the storage then. */
    readonly grant?: ProviderGrant | undefined
    /** Requests a token; {@link pureTokenRequest} makes it from two pure functions. */
    readonly requestToken: (
      apiKey: ApiKey,
      context: {
        readonly fetch: TokenFetch
        /** The current refresh token of the grant. */
        readonly refreshToken?: string | undefined
      }
    ) => TokenVerdict | Promise<TokenVerdict>
    /** Reads what a 401, 403 or 429 response means. */
    readonly classify: (response: ProviderResponse) => Verdict
  }
>()("@tokenkeep/core/Provider") {}
