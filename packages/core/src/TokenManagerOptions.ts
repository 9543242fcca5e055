import type { IssuerCareOptions } from "./internal/issuerSettings.ts"
import type { StorageOptions } from "./internal/storageSettings.ts"
import type { RenewalOptions } from "./RenewalPolicy.ts"
import type { TokenEvent } from "./TokenEvent.ts"

/**
 * How tokens are issued and reported.
 *
 * @example
 * ```ts
 * import type { TokenManagerOptions } from "@tokenkeep/core"
 *
 * const options: TokenManagerOptions = { issue: { deadline: "5 seconds", tries: 2 } }
 * console.log(options.issue?.tries) // => 2
 * ```
 */
export interface TokenManagerOptions extends IssuerCareOptions, StorageOptions {
  /** When a token is renewed before it ends, so that nobody waits (TOK-5). */
  readonly renewal?: RenewalOptions | undefined
  /** Hears of every issue, adoption, rejection and failure; it may throw safely and must not block. */
  readonly onEvent?: ((event: TokenEvent) => void) | undefined
}
