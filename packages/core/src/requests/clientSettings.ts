import { oneOf, readOptions, wholeNumber } from "../errors/optionChecks.ts"

/**
 * How requests are sent.
 *
 * @example
 * ```ts
 * import type { AuthorizedClientOptions } from "@tokenkeep/core"
 *
 * const options: AuthorizedClientOptions = { redirects: "refuse", replayBodyLimit: 64 * 1024 }
 * console.log(options.redirects) // => refuse
 * ```
 */
export interface AuthorizedClientOptions {
  /** Whether a redirect out of the base URL is followed without the token (`"strip"`, the default) or refused. */
  readonly redirects?: "strip" | "refuse" | undefined
  /** How much of a `Request`'s body is kept for a replay, in bytes; default 1 MiB. */
  readonly replayBodyLimit?: number | undefined
}

export const clientChecks = {
  redirects: oneOf("strip", "refuse"),
  replayBodyLimit: wholeNumber(1024 * 1024, 0)
}

/** The options, checked. */
export type ClientSettings = ReturnType<typeof clientSettings>

/** Checks the options; throws `CONFIG_INVALID` with the name of the one that is wrong. */
export const clientSettings = (options: AuthorizedClientOptions) => readOptions(options, clientChecks)
