/**
 * Why a call failed, as a tagged union: `error.reason._tag` narrows it.
 *
 * @example
 * ```ts
 * import { TokenkeepError, type TokenkeepErrorReason } from "@tokenkeep/core"
 *
 * const reason: TokenkeepErrorReason = { _tag: "OriginNotAllowed", origin: "https://elsewhere.test" }
 * console.log(TokenkeepError.of(reason, { what: "Not sent.", fix: "Use a path." }).code) // => ORIGIN_NOT_ALLOWED
 * ```
 */
export type TokenkeepErrorReason =
  | { readonly _tag: "ApiKeyMissing" }
  | { readonly _tag: "ApiKeyMalformed" }
  | {
      readonly _tag: "ApiKeyRejected"
      /** No token request is sent before this, unless the key changes; epoch milliseconds. */
      readonly retryAt: number
    }
  | {
      readonly _tag: "ClientRejected"
      /** No token request is sent before this, unless the credential changes; epoch milliseconds. */
      readonly retryAt: number
    }
  | {
      readonly _tag: "ScopeRejected"
      /** No token request is sent before this; epoch milliseconds. */
      readonly retryAt: number
    }
  | {
      readonly _tag: "GrantRejected"
      /** When the token endpoint rejected it, in epoch milliseconds. */
      readonly at: number
    }
  | {
      readonly _tag: "GrantLost"
      /** When the exchange began that was interrupted, in epoch milliseconds. */
      readonly at: number
      /** The client that began it. */
      readonly owner: string
    }
  | { readonly _tag: "GrantMissing" }
  | { readonly _tag: "CredentialSourceFailed" }
  | { readonly _tag: "CredentialMisused" }
  | { readonly _tag: "TokenExpired" }
  | { readonly _tag: "TokenInvalid" }
  | { readonly _tag: "TokenMissing" }
  | { readonly _tag: "Forbidden" }
  | {
      readonly _tag: "RateLimited"
      /** When the next try can succeed, in epoch milliseconds. */
      readonly retryAt: number
      readonly limit?: number | undefined
      readonly remaining?: number | undefined
      readonly endpoint: string
    }
  | {
      readonly _tag: "TokenRequestLimited"
      /** When the next token request may be sent, in epoch milliseconds. */
      readonly retryAt: number
    }
  | { readonly _tag: "IssuerUnavailable" }
  | { readonly _tag: "TokenResponseInvalid" }
  | { readonly _tag: "OriginNotAllowed"; readonly origin: string }
  | { readonly _tag: "RedirectRefused"; readonly from: string; readonly to: string }
  | { readonly _tag: "InsecureOrigin"; readonly origin: string }
  | { readonly _tag: "TransportFailed" }
  | {
      readonly _tag: "ResponseInvalid"
      /** The place in the JSON document, such as `$.results[3].confidence`; `$` for the whole document. */
      readonly path: string
    }
  | { readonly _tag: "ApiError"; readonly status: number }
  | { readonly _tag: "StorageFailed"; readonly operation: string }
  | {
      readonly _tag: "LeaseTimeout"
      /** The client that owns the lease. */
      readonly owner: string
    }
  | { readonly _tag: "StorageInsecure" }
  | { readonly _tag: "ConfigInvalid"; readonly option: string }
  | { readonly _tag: "Disposed" }

/** The tag of each reason. */
export type ReasonTag = TokenkeepErrorReason["_tag"]

/** Each reason's stable code, and whether the same call can succeed later. */
export const taxonomy = {
  ApiKeyMissing: ["API_KEY_MISSING", false],
  ApiKeyMalformed: ["API_KEY_MALFORMED", false],
  ApiKeyRejected: ["API_KEY_REJECTED", false],
  ClientRejected: ["CLIENT_REJECTED", false],
  ScopeRejected: ["SCOPE_REJECTED", false],
  GrantRejected: ["GRANT_REJECTED", false],
  GrantLost: ["GRANT_LOST", false],
  GrantMissing: ["GRANT_MISSING", false],
  CredentialSourceFailed: ["CREDENTIAL_SOURCE_FAILED", true],
  CredentialMisused: ["CREDENTIAL_MISUSED", false],
  TokenExpired: ["TOKEN_EXPIRED", true],
  TokenInvalid: ["TOKEN_INVALID", false],
  TokenMissing: ["TOKEN_MISSING", false],
  Forbidden: ["FORBIDDEN", false],
  RateLimited: ["RATE_LIMITED", true],
  TokenRequestLimited: ["TOKEN_REQUEST_LIMITED", true],
  IssuerUnavailable: ["ISSUER_UNAVAILABLE", true],
  TokenResponseInvalid: ["TOKEN_RESPONSE_INVALID", false],
  OriginNotAllowed: ["ORIGIN_NOT_ALLOWED", false],
  RedirectRefused: ["REDIRECT_REFUSED", false],
  InsecureOrigin: ["INSECURE_ORIGIN", false],
  TransportFailed: ["TRANSPORT_FAILED", true],
  ResponseInvalid: ["RESPONSE_INVALID", false],
  // By status: see isRetryable.
  ApiError: ["API_ERROR", false],
  StorageFailed: ["STORAGE_FAILED", true],
  LeaseTimeout: ["LEASE_TIMEOUT", true],
  StorageInsecure: ["STORAGE_INSECURE", false],
  ConfigInvalid: ["CONFIG_INVALID", false],
  Disposed: ["DISPOSED", false]
} as const satisfies Record<ReasonTag, readonly [string, boolean]>

/** Whether the issuer rejected the credential itself: another one may be accepted. */
export const isCredentialRejection = (code: TokenkeepErrorCode): boolean =>
  code === "API_KEY_REJECTED" || code === "CLIENT_REJECTED"

/** Statuses after which the same request can succeed later; the provider decides about 429 on its own endpoints. */
export const isTransient = (status: number): boolean => status >= 500 || status === 408 || status === 429

export const isRetryable = (reason: TokenkeepErrorReason): boolean =>
  reason._tag === "ApiError" ? isTransient(reason.status) : taxonomy[reason._tag][1]

type CodeOf<Tag extends ReasonTag> = (typeof taxonomy)[Tag][0]

/**
 * The stable code of a {@link TokenkeepError}: a string to switch on, documented under the same name in
 * `docs/errors.md`.
 *
 * @example
 * ```ts
 * import { tokenkeepErrorCodes, type TokenkeepErrorCode } from "@tokenkeep/core"
 *
 * const code: TokenkeepErrorCode = "API_KEY_REJECTED"
 * console.log(tokenkeepErrorCodes.includes(code)) // => true
 * ```
 */
export type TokenkeepErrorCode = CodeOf<ReasonTag>

/**
 * Every code that a {@link TokenkeepError} can have.
 *
 * @example
 * ```ts
 * import { tokenkeepErrorCodes } from "@tokenkeep/core"
 *
 * console.log(tokenkeepErrorCodes.includes("TOKEN_EXPIRED")) // => true
 * ```
 */
export const tokenkeepErrorCodes: ReadonlyArray<TokenkeepErrorCode> = Object.values(taxonomy).map(([code]) => code)

/** The reason with this tag. */
export type ReasonOf<Tag extends ReasonTag> = Extract<TokenkeepErrorReason, { readonly _tag: Tag }>

/** The fields of an error with this reason. */
export interface ErrorFields<Tag extends ReasonTag> extends Error {
  readonly _tag: "TokenkeepError"
  /** Stable: safe to switch on, to count and to alert on. */
  readonly code: CodeOf<Tag>
  /** The numbers and names that belong to the code; `_tag` is the code in another spelling. */
  readonly reason: ReasonOf<Tag>
  /**
   * When the same call can succeed, in epoch milliseconds, for the codes that know it. If the credential was rejected, no
   * token request is sent before this time, and `retryable` is false.
   */
  readonly retryAt: ReasonOf<Tag> extends { readonly retryAt: number } ? number : undefined
  /** Cause and fix, in one or two sentences; never a secret, never a response body. */
  readonly message: string
  /** What to do about it. */
  readonly fix: string
  /** The page, as shipped in the package, that explains the code. */
  readonly docs: string
  /** Whether the same call can succeed later without a change. */
  readonly retryable: boolean
  /** Name, code, method, origin and path of the low-level error; nothing else of it is kept. */
  readonly cause?: unknown
}

// It mentions no type of Effect, so that a package without Effect can export it.
/**
 * The fields of a {@link TokenkeepError}, as a union over `code`.
 *
 * @example
 * ```ts
 * import { TokenkeepError, type TokenkeepErrorFields } from "@tokenkeep/core"
 *
 * const explain = (error: TokenkeepErrorFields) =>
 *   error.code === "RATE_LIMITED" ? `retry at ${error.retryAt}` : error.fix
 * const error = TokenkeepError.of(
 *   { _tag: "RateLimited", retryAt: 0, endpoint: "/api/v1/events" },
 *   { what: "The rate limit is exceeded.", fix: "Wait." }
 * )
 * console.log(explain(error)) // => retry at 0
 * ```
 */
export type TokenkeepErrorFields = { readonly [Tag in ReasonTag]: ErrorFields<Tag> }[ReasonTag]
