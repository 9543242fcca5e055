import type * as Duration from "effect/Duration"
import { positiveMillis, positiveNumber, wholeNumber } from "./options.ts"

/**
 * How an issue call is made (TOK-10).
 *
 * @example
 * ```ts
 * import type { IssueOptions } from "@tokenkeep/core"
 *
 * const issue: IssueOptions = { deadline: "5 seconds", tries: 2, maxBody: 16 * 1024 }
 * console.log(issue.tries) // => 2
 * ```
 */
export interface IssueOptions {
  /** Over everything: key source aside, all tries, their waits and bodies. Milliseconds; 10 s by default. */
  readonly deadline?: Duration.Input | undefined
  /** How often to try at most, on network faults and 5xx; 3 by default. */
  readonly tries?: number | undefined
  /** The largest answer read, in bytes; 64 KiB by default. */
  readonly maxBody?: number | undefined
}

/**
 * What keeps issue calls within bounds.
 *
 * @example
 * ```ts
 * import type { IssuerCareOptions } from "@tokenkeep/core"
 *
 * const care: IssuerCareOptions = { budget: { burst: 5, perSecond: 0.5 }, patience: "2 seconds" }
 * console.log(care.budget?.burst) // => 5
 * ```
 */
export interface IssuerCareOptions {
  readonly issue?: IssueOptions | undefined
  /** The longest wait that a 429 of the issuer is given, in milliseconds or as a duration; 5 s by default. */
  readonly patience?: Duration.Input | undefined
  /** Issue calls at once, and a second after that; 10 and 1 by default. Past it: `ISSUE_BUDGET_EXCEEDED` (TOK-8). */
  readonly budget?: { readonly burst?: number | undefined; readonly perSecond?: number | undefined } | undefined
  /** How long a rejected key is not tried again, doubling up to `max`; 30 s and 2 min by default (KEY-2). */
  readonly keyCooldown?:
    | { readonly initial?: Duration.Input | undefined; readonly max?: Duration.Input | undefined }
    | undefined
}

/** The options, checked; throws `CONFIG_INVALID` naming the one that cannot work. */
export const issuerSettings = (options: IssuerCareOptions = {}) => {
  const { budget, issue, keyCooldown } = options
  const initial = positiveMillis("keyCooldown.initial", keyCooldown?.initial, 30_000)
  return {
    deadline: positiveMillis("issue.deadline", issue?.deadline, 10_000),
    tries: wholeNumber("issue.tries", issue?.tries, 3, 1),
    maxBody: wholeNumber("issue.maxBody", issue?.maxBody, 64 * 1024, 1),
    patience: positiveMillis("patience", options.patience, 5_000),
    burst: wholeNumber("budget.burst", budget?.burst, 10, 1),
    perSecond: positiveNumber("budget.perSecond", budget?.perSecond, 1),
    cooldown: { initial, max: Math.max(initial, positiveMillis("keyCooldown.max", keyCooldown?.max, 120_000)) }
  }
}
