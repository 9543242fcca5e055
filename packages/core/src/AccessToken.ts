import { inspectable } from "./internal/inspectable.ts"
import { randomId } from "./internal/randomId.ts"
import { secretDefect } from "./internal/secretText.ts"

/**
 * How a token's end of life is known (TOK-6): `"declared"` by the provider, told by the token itself (`"jwt"`),
 * `"observed"` from refusals, `"assumed"` by option, or `"unknown"`, and then it is renewed when refused.
 *
 * @example
 * ```ts
 * import { AccessToken, type LifetimeSource } from "@tokenkeep/core"
 *
 * const source: LifetimeSource = AccessToken.make("tok-1", { issuedAt: 0 }).lifetimeSource
 * console.log(source) // => unknown
 * ```
 */
export type LifetimeSource = "declared" | "jwt" | "observed" | "assumed" | "unknown"

/**
 * The short-lived credential that goes on requests: never printed, told apart by its random public `id` (TOK-4, SEC-1).
 *
 * @example
 * ```ts
 * import { AccessToken } from "@tokenkeep/core"
 *
 * const token = AccessToken.make("tok-1", { id: "7f3a", issuedAt: 0 })
 * console.log(`${token} ${JSON.stringify(token)}`) // => <redacted:access-token 7f3a> "<redacted:access-token 7f3a>"
 * console.log(token.reveal()) // => tok-1
 * ```
 */
export class AccessToken {
  readonly #value: string

  /** Random and public: what events, logs and `reject` call the token. */
  readonly id: string

  /** When the issue call was sent, in epoch milliseconds. */
  readonly issuedAt: number

  /** When the token ends, in epoch milliseconds; absent when nobody told. */
  declare readonly expiresAt?: number

  readonly lifetimeSource: LifetimeSource

  private constructor(value: string, options: AccessTokenOptions) {
    this.#value = value
    this.id = options.id ?? randomId()
    this.issuedAt = options.issuedAt
    if (options.expiresAt !== undefined) this.expiresAt = options.expiresAt
    this.lifetimeSource = options.expiresAt === undefined ? "unknown" : (options.lifetimeSource ?? "declared")
  }

  /**
   * Wraps a token's text; answers what is wrong with it, as a string that does not quote it, when it is unfit for a
   * header (SEC-2): see {@link AccessToken.defect}.
   *
   * @param options.issuedAt When the issue call was sent, in epoch milliseconds.
   * @param options.expiresAt When the token ends, in epoch milliseconds; leave it out when it is not known.
   * @param options.lifetimeSource How that end is known; `"declared"` by default.
   * @param options.id A known id, for a token that was stored; random by default.
   *
   * @example
   * ```ts
   * import { AccessToken } from "@tokenkeep/core"
   *
   * console.log(AccessToken.make("tok-1", { issuedAt: 0, expiresAt: 60_000 }).lifetimeSource) // => declared
   * ```
   */
  static make(value: string, options: AccessTokenOptions): AccessToken {
    const defect = AccessToken.defect(value)
    if (defect !== undefined) throw new TypeError(`The access token ${defect}.`)
    return new AccessToken(value, options)
  }

  /**
   * Says what makes a text unfit to be a token, or nothing when it is fit; the answer does not quote the text.
   *
   * @example
   * ```ts
   * import { AccessToken } from "@tokenkeep/core"
   *
   * console.log(AccessToken.defect("two words")) // => contains a space
   * ```
   */
  static defect(value: string): string | undefined {
    return secretDefect(value)
  }

  /** The token itself: for an `Authorization` header. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return `<redacted:access-token ${this.id}>`
  }

  toJSON(): string {
    return this.toString()
  }
}

inspectable(AccessToken.prototype, String)

/**
 * What is known of a token beside its text.
 *
 * @example
 * ```ts
 * import { AccessToken, type AccessTokenOptions } from "@tokenkeep/core"
 *
 * const known: AccessTokenOptions = { issuedAt: 1_000, expiresAt: 61_000 }
 * console.log(AccessToken.make("tok-1", known).expiresAt) // => 61000
 * ```
 */
export interface AccessTokenOptions {
  readonly issuedAt: number
  readonly expiresAt?: number | undefined
  readonly lifetimeSource?: LifetimeSource | undefined
  readonly id?: string | undefined
}
