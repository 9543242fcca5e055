import {
  isTokenkeepError as isCoreError,
  type TokenkeepErrorFields,
  tokenkeepErrorOf as coreErrorOf
} from "@tokenkeep/core"

/**
 * Why a call failed. Switch on `code`, which narrows the type. The message states the cause and what to do.
 *
 * @example
 * ```ts
 * import { type TokenkeepError, createDeeply, isTokenkeepError } from "tokenkeep"
 *
 * const advice = (error: TokenkeepError) =>
 *   error.code === "RATE_LIMITED" ? `Try again at ${new Date(error.retryAt)}.` : error.fix
 *
 * try {
 *   createDeeply({ apiKey: "two words" })
 * } catch (error) {
 *   if (isTokenkeepError(error)) console.log(advice(error))
 *   // => Pass only the API key, exactly as the provider shows it.
 * }
 * ```
 */
export type TokenkeepError = TokenkeepErrorFields

/**
 * Whether a value is a {@link TokenkeepError}, including one of another copy of this package or of another realm.
 *
 * @example
 * ```ts
 * import { isTokenkeepError } from "tokenkeep"
 *
 * console.log(isTokenkeepError(new Error("other"))) // => false
 * ```
 */
export const isTokenkeepError: (value: unknown) => value is TokenkeepError = isCoreError

/**
 * Finds the {@link TokenkeepError} that an error is or was caused by, since HTTP libraries wrap the errors of `fetch`.
 * Returns `undefined` if there is none.
 *
 * @example
 * ```ts
 * import { createDeeply, tokenkeepErrorOf } from "tokenkeep"
 *
 * try {
 *   createDeeply({ apiKey: "two words" })
 * } catch (cause) {
 *   const wrapped = new Error("The report failed.", { cause })
 *   console.log(tokenkeepErrorOf(wrapped)?.code) // => API_KEY_MALFORMED
 * }
 * ```
 */
export const tokenkeepErrorOf: (error: unknown) => TokenkeepError | undefined = coreErrorOf
