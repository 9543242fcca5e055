/**
 * The words for a provider's credential in messages.
 *
 * @example
 * ```ts
 * import type { CredentialTerms } from "@tokenkeep/core"
 *
 * const terms: CredentialTerms = { noun: "client secret", option: "client.secret" }
 * console.log(terms.noun) // => client secret
 * ```
 */
export interface CredentialTerms {
  readonly noun: string
  readonly option: string
}
