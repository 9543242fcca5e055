import { inspectable } from "../errors/inspectable.ts"
import { randomId } from "./randomId.ts"
import { secretDefect } from "./secretDefect.ts"

/**
 * The source of a token's lifetime: `"declared"` by the provider, contained in the token itself (`"jwt"`),
 * `"observed"` from rejections, `"assumed"` by option, or `"unknown"`: then the token is renewed when it is rejected.
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
 * The short-lived credential that is sent with requests: it is never printed; its random `id` identifies it in public.
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

  /** Random and public: identifies the token in events and logs, and for `reject`. */
  readonly id: string

  /** When the token request was sent, in epoch milliseconds. */
  readonly issuedAt: number

  /** When the token expires, in epoch milliseconds; absent if that is unknown. */
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
   * Wraps a token. Throws a `TypeError` that does not quote the token if it cannot be sent in a header: see
   * {@link AccessToken.defect}.
   *
   * @param options.issuedAt When the token request was sent, in epoch milliseconds.
   * @param options.expiresAt When the token expires, in epoch milliseconds; omit it if that is unknown.
   * @param options.lifetimeSource The source of the expiry; `"declared"` by default.
   * @param options.id The id of a token that was stored; random by default.
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
   * Describes why a string cannot be a token, without quoting it; `undefined` if it can.
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

  /** The token itself, for an `Authorization` header. */
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
 * What is known about a token.
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
