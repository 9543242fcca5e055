import type * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import { docsPage } from "./docsPage.ts"
import {
  type ErrorFields,
  isRetryable,
  type ReasonOf,
  type ReasonTag,
  taxonomy,
  type TokenkeepErrorCode,
  type TokenkeepErrorReason
} from "./errorCodes.ts"
import { inspectable } from "./inspectable.ts"

/** The error with this reason, which can be yielded in `Effect.gen`. */
export interface ErrorOf<Tag extends ReasonTag> extends Cause.YieldableError, ErrorFields<Tag> {
  readonly message: string
  readonly cause?: unknown
}

/** What an error says: the cause, the fix and, if there is one, a summary of the low-level error. */
interface Wording {
  readonly what: string
  readonly fix: string
  /** Whether the same call can succeed later without a change; by default, as the reason says. */
  readonly retryable?: boolean | undefined
  readonly cause?: unknown
}

class TokenkeepErrorClass extends Data.TaggedError("TokenkeepError")<{
  readonly code: TokenkeepErrorCode
  readonly reason: TokenkeepErrorReason
  readonly message: string
  readonly fix: string
  readonly docs: string
  readonly retryable: boolean
  readonly retryAt?: number
  readonly cause?: unknown
}> {
  static of(
    reason: TokenkeepErrorReason,
    { cause, fix, retryable = isRetryable(reason), what }: Wording
  ): TokenkeepErrorClass {
    const [code] = taxonomy[reason._tag]
    return new TokenkeepErrorClass({
      code,
      reason,
      message: `${what} ${fix}`,
      fix,
      docs: `${docsPage}#${code}`,
      retryable,
      ...("retryAt" in reason ? { retryAt: reason.retryAt } : undefined),
      ...(cause === undefined ? undefined : { cause })
    })
  }
}

/**
 * The one public error: switch on `code`, which narrows the type; `reason` is for `Effect.catchReason`.
 *
 * @example
 * ```ts
 * import { TokenkeepError } from "@tokenkeep/core"
 * import * as Effect from "effect/Effect"
 *
 * const failing = Effect.fail<TokenkeepError>(
 *   TokenkeepError.of({ _tag: "Disposed" }, { what: "The client was disposed.", fix: "Create a new one." })
 * )
 * const handled = Effect.catchReason(failing, "TokenkeepError", "Disposed", () => Effect.succeed("start again"))
 * console.log(await Effect.runPromise(handled)) // => start again
 * ```
 */
export type TokenkeepError = { readonly [Tag in ReasonTag]: ErrorOf<Tag> }[ReasonTag]

/** The constructor of {@link TokenkeepError}; annotated in full so that `instanceof` narrows the union. */
export const TokenkeepError: {
  new (fields: never): TokenkeepError
  readonly prototype: TokenkeepError
  [Symbol.hasInstance](value: unknown): value is TokenkeepError
  /** Creates an error from its reason, what happened, and what to do about it. */
  of<Tag extends ReasonTag>(reason: ReasonOf<Tag> & { readonly _tag: Tag }, wording: Wording): ErrorOf<Tag>
} = TokenkeepErrorClass as never

const printed = (error: TokenkeepErrorClass): string => {
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line))
  const what = error.message.slice(0, error.message.length - error.fix.length).trimEnd()
  const lines = [`TokenkeepError [${error.code}]: ${what}`, `  fix:  ${error.fix}`, `  docs: ${error.docs}`]
  const retryAt = new Date(error.retryAt ?? NaN)
  // Printing must not fail, even if `retryAt` is outside the range of Date.
  if (!Number.isNaN(retryAt.getTime())) lines.push(`  retry at: ${retryAt.toISOString()}`)
  return [...lines, ...frames].join("\n")
}

/** Marks the errors of all copies of this package, in all realms. */
const mark = "~tokenkeep/TokenkeepError"
Object.defineProperty(TokenkeepErrorClass.prototype, mark, { value: true })
// An error that no code catches is printed with the name of its class.
Object.defineProperty(TokenkeepErrorClass, "name", { value: "TokenkeepError" })

// Effect's tagged errors print only their fields: an operator needs code, message, fix and docs.
inspectable(TokenkeepErrorClass.prototype, printed)

/**
 * Whether a value is a {@link TokenkeepError}, also one of another copy of this package or of another realm.
 *
 * @example
 * ```ts
 * import { TokenkeepError, isTokenkeepError } from "@tokenkeep/core"
 *
 * const error = TokenkeepError.of({ _tag: "Disposed" }, { what: "Disposed.", fix: "Create a new client." })
 * console.log(isTokenkeepError(error), isTokenkeepError(new Error("other"))) // => true false
 * ```
 */
export const isTokenkeepError = (u: unknown): u is TokenkeepError => {
  try {
    return typeof u === "object" && u !== null && mark in u
  } catch {
    // A revoked proxy throws; a guard must not.
    return false
  }
}

/** Causes may form a cycle. */
const maxCauses = 16

const causeOf = (error: unknown): unknown => {
  try {
    return typeof error === "object" && error !== null && "cause" in error ? error.cause : undefined
  } catch {
    return undefined
  }
}

/**
 * Finds the {@link TokenkeepError} that an error is or was caused by, as HTTP libraries wrap what `fetch` rejects with;
 * `undefined` if there is none.
 *
 * @example
 * ```ts
 * import { TokenkeepError, tokenkeepErrorOf } from "@tokenkeep/core"
 *
 * const cause = TokenkeepError.of({ _tag: "Disposed" }, { what: "Disposed.", fix: "Create a new client." })
 * const wrapped = new Error("Request failed", { cause: new Error("fetch failed", { cause }) })
 * console.log(tokenkeepErrorOf(wrapped)?.code, tokenkeepErrorOf(new Error("other"))) // => DISPOSED undefined
 * ```
 */
export const tokenkeepErrorOf = (error: unknown): TokenkeepError | undefined => {
  let current = error
  for (let depth = 0; depth < maxCauses; depth += 1) {
    if (isTokenkeepError(current)) return current
    current = causeOf(current)
  }
  return undefined
}
