import * as Data from "effect/Data"
import { docsPage } from "./internal/docsPage.ts"
import { inspectable } from "./internal/inspectable.ts"

/**
 * Why a request could not be authorized, as a tagged union: `error.reason._tag` narrows it.
 *
 * @example
 * ```ts
 * import { AuthError, type AuthErrorReason } from "@tokenkeep/core"
 *
 * const reason: AuthErrorReason = { _tag: "OriginNotAllowed", origin: "https://elsewhere.test" }
 * console.log(AuthError.of(reason, { what: "No.", fix: "Use a path." }).code) // => ORIGIN_NOT_ALLOWED
 * ```
 */
export type AuthErrorReason =
  | { readonly _tag: "ApiKeyMissing" }
  | { readonly _tag: "ApiKeyMalformed" }
  | {
      readonly _tag: "ApiKeyRejected"
      /** Until then the issuer is not asked again, unless the key changes; epoch milliseconds. */
      readonly retryAt: number
    }
  | { readonly _tag: "ApiKeySourceFailed" }
  | { readonly _tag: "ApiKeyMisused" }
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
      readonly _tag: "IssueBudgetExceeded"
      /** When the next issue call may be made, in epoch milliseconds. */
      readonly retryAt: number
    }
  | { readonly _tag: "IssuerUnavailable" }
  | { readonly _tag: "IssueResponseInvalid" }
  | { readonly _tag: "OriginNotAllowed"; readonly origin: string }
  | { readonly _tag: "RedirectRefused"; readonly from: string; readonly to: string }
  | { readonly _tag: "InsecureOrigin"; readonly origin: string }
  | { readonly _tag: "TransportFailed" }
  | {
      readonly _tag: "ResponseInvalid"
      /** Where in the JSON, such as `$.results[3].confidence`; `$` for the whole of it. */
      readonly path: string
    }
  | { readonly _tag: "ApiError"; readonly status: number }
  | { readonly _tag: "StorageFailed"; readonly operation: string }
  | {
      readonly _tag: "LeaseTimeout"
      /** Who keeps the right to renew. */
      readonly owner: string
    }
  | { readonly _tag: "StorageInsecure" }
  | { readonly _tag: "ConfigInvalid"; readonly option: string }
  | { readonly _tag: "Disposed" }

/** Each reason's stable code, and whether trying the same call again can help. */
const taxonomy = {
  ApiKeyMissing: ["API_KEY_MISSING", false],
  ApiKeyMalformed: ["API_KEY_MALFORMED", false],
  ApiKeyRejected: ["API_KEY_REJECTED", false],
  ApiKeySourceFailed: ["API_KEY_SOURCE_FAILED", true],
  ApiKeyMisused: ["API_KEY_MISUSED", false],
  TokenExpired: ["TOKEN_EXPIRED", true],
  TokenInvalid: ["TOKEN_INVALID", false],
  TokenMissing: ["TOKEN_MISSING", false],
  Forbidden: ["FORBIDDEN", false],
  RateLimited: ["RATE_LIMITED", true],
  IssueBudgetExceeded: ["ISSUE_BUDGET_EXCEEDED", true],
  IssuerUnavailable: ["ISSUER_UNAVAILABLE", true],
  IssueResponseInvalid: ["ISSUE_RESPONSE_INVALID", false],
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
} as const satisfies Record<AuthErrorReason["_tag"], readonly [string, boolean]>

/** Statuses that say that the same request can succeed later; 429 has a code of its own where the provider knows it. */
export const isTransient = (status: number): boolean => status >= 500 || status === 408 || status === 429

const isRetryable = (reason: AuthErrorReason): boolean =>
  reason._tag === "ApiError" ? isTransient(reason.status) : taxonomy[reason._tag][1]

/**
 * The stable code of an {@link AuthError}: a string to switch on, documented under the same name in `docs/errors.md`.
 *
 * @example
 * ```ts
 * import { authErrorCodes, type AuthErrorCode } from "@tokenkeep/core"
 *
 * const code: AuthErrorCode = "API_KEY_REJECTED"
 * console.log(authErrorCodes.includes(code)) // => true
 * ```
 */
export type AuthErrorCode = (typeof taxonomy)[AuthErrorReason["_tag"]][0]

/**
 * Every code that an {@link AuthError} can carry.
 *
 * @example
 * ```ts
 * import { authErrorCodes } from "@tokenkeep/core"
 *
 * console.log(authErrorCodes.includes("TOKEN_EXPIRED")) // => true
 * ```
 */
export const authErrorCodes: ReadonlyArray<AuthErrorCode> = Object.values(taxonomy).map(([code]) => code)

interface AuthErrorFields {
  /** Stable: safe to switch on, to count and to alert on. */
  readonly code: AuthErrorCode
  readonly reason: AuthErrorReason
  /** The cause and the fix, in one or two sentences; never a secret, never a response body. */
  readonly message: string
  /** What to do about it. */
  readonly fix: string
  /** The page, as shipped in the package, that explains this code. */
  readonly docs: string
  /** Whether the same call can succeed later without anybody acting. */
  readonly retryable: boolean
  /** When it can succeed, in epoch milliseconds, where that is known. */
  readonly retryAt?: number
  /** A stripped copy of what went wrong below: name, code, method, origin and path; nothing else. */
  readonly cause?: unknown
}

/**
 * The one public error: `code` for a switch, `reason` for `Effect.catchReason`, a message that states cause and fix.
 *
 * @example
 * ```ts
 * import { AuthError } from "@tokenkeep/core"
 * import * as Effect from "effect/Effect"
 *
 * const failing = Effect.fail(
 *   AuthError.of({ _tag: "Disposed" }, { what: "The client was disposed.", fix: "Create a new one." })
 * )
 * const handled = Effect.catchReason(failing, "AuthError", "Disposed", () => Effect.succeed("start again"))
 * console.log(await Effect.runPromise(handled)) // => start again
 * ```
 */
export class AuthError extends Data.TaggedError("AuthError")<AuthErrorFields> {
  /** Marks the error across copies of this package and across realms. */
  readonly "~tokenkeep/AuthError" = true

  /**
   * Makes an error from its reason, what happened and what to do about it.
   *
   * @example
   * ```ts
   * import { AuthError } from "@tokenkeep/core"
   *
   * const error = AuthError.of({ _tag: "ApiKeyMissing" }, { what: "There is no API key.", fix: "Pass one." })
   * console.log(error.message) // => There is no API key. Pass one.
   * ```
   */
  static of(
    reason: AuthErrorReason,
    said: { readonly what: string; readonly fix: string; readonly cause?: unknown }
  ): AuthError {
    const [code] = taxonomy[reason._tag]
    return new AuthError({
      code,
      reason,
      message: `${said.what} ${said.fix}`,
      fix: said.fix,
      docs: `${docsPage}#${code}`,
      retryable: isRetryable(reason),
      ...("retryAt" in reason ? { retryAt: reason.retryAt } : undefined),
      ...(said.cause === undefined ? undefined : { cause: said.cause })
    })
  }
}

const printed = (error: AuthError): string => {
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line))
  const what = error.message.slice(0, error.message.length - error.fix.length).trimEnd()
  const lines = [`AuthError [${error.code}]: ${what}`, `  fix:  ${error.fix}`, `  docs: ${error.docs}`]
  const retryAt = new Date(error.retryAt ?? NaN)
  // A print must not fail, whatever instant somebody put there.
  if (!Number.isNaN(retryAt.getTime())) lines.push(`  retry at: ${retryAt.toISOString()}`)
  return [...lines, ...frames].join("\n")
}

// Effect's tagged errors print only their fields: an operator needs code, message, fix and docs at a glance.
inspectable(AuthError.prototype, printed)

/**
 * Tells whether a value is an {@link AuthError}, also one made by another copy of this package or in another realm.
 *
 * @example
 * ```ts
 * import { AuthError, isAuthError } from "@tokenkeep/core"
 *
 * const error = AuthError.of({ _tag: "Disposed" }, { what: "Disposed.", fix: "Create a new client." })
 * console.log(isAuthError(error), isAuthError(new Error("other"))) // => true false
 * ```
 */
export const isAuthError = (u: unknown): u is AuthError =>
  typeof u === "object" && u !== null && "~tokenkeep/AuthError" in u
