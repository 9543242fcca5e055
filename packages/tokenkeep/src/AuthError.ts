import { type AuthErrorCode, type AuthErrorReason, isAuthError as isCoreAuthError } from "@tokenkeep/core"

/**
 * Why a request could not be authorized: `code` for a switch, a message that states cause and fix.
 *
 * @example
 * ```ts
 * import { type AuthError, createDeeply, isAuthError } from "tokenkeep"
 *
 * const advice = ({ code, fix }: AuthError) => `${code}: ${fix}`
 *
 * try {
 *   createDeeply({ apiKey: "two words" })
 * } catch (error) {
 *   if (isAuthError(error)) console.log(advice(error))
 *   // => API_KEY_MALFORMED: Pass the key alone, exactly as the provider shows it.
 * }
 * ```
 */
export interface AuthError extends Error {
  /** Stable: safe to switch on, to count and to alert on. */
  readonly code: AuthErrorCode
  /** A tagged union with what belongs to the code: `error.reason._tag` narrows it. */
  readonly reason: AuthErrorReason
  /** What to do about it. */
  readonly fix: string
  /** The page, as shipped in the package, that explains this code. */
  readonly docs: string
  /** Whether the same call can succeed later without anybody acting. */
  readonly retryable: boolean
  /** When it can succeed, in epoch milliseconds, where that is known. */
  readonly retryAt?: number
}

/**
 * Tells whether a value is an {@link AuthError}, also one made by another copy of this package or in another realm.
 *
 * @example
 * ```ts
 * import { isAuthError } from "tokenkeep"
 *
 * console.log(isAuthError(new Error("other"))) // => false
 * ```
 */
export const isAuthError: (u: unknown) => u is AuthError = isCoreAuthError
