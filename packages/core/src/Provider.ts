import * as Context from "effect/Context"
import type { ApiKey } from "./ApiKey.ts"
import type { Rates } from "./ApiOptions.ts"

/**
 * A response as a provider sees it: a few plain facts, no I/O.
 *
 * @example
 * ```ts
 * import type { Answer } from "@tokenkeep/core"
 *
 * const answer: Answer = { status: 403, headers: new Headers(), text: "{}", sentToken: true }
 * console.log(answer.status) // => 403
 * ```
 */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** At most 64 KiB of the body, decoded as UTF-8. */
  readonly text: string
  /** Whether the request carried an access token when it left. */
  readonly sentToken: boolean
}

/**
 * What a 429 told about its limit.
 *
 * @example
 * ```ts
 * import type { RateLimitAnswer } from "@tokenkeep/core"
 *
 * const limited: RateLimitAnswer = { _tag: "RateLimited", resetAt: 1_640_995_200_000, limit: 1000, remaining: 0 }
 * console.log(limited.limit) // => 1000
 * ```
 */
export interface RateLimitAnswer {
  readonly _tag: "RateLimited"
  /** When the limit opens again, in epoch milliseconds, where the body tells; `Retry-After` is read by core. */
  readonly resetAt?: number | undefined
  readonly limit?: number | undefined
  readonly remaining?: number | undefined
}

/**
 * What a provider makes of the answer to its issue request.
 *
 * @example
 * ```ts
 * import type { IssueVerdict } from "@tokenkeep/core"
 *
 * const verdict: IssueVerdict = { _tag: "Issued", token: "tok-1" }
 * console.log(verdict._tag) // => Issued
 * ```
 */
export type IssueVerdict =
  | {
      readonly _tag: "Issued"
      readonly token: string
      /** How long the token lives from now on, in milliseconds, where the answer declares it. */
      readonly lifetime?: number
      /** The same as an instant of the provider's clock, in epoch milliseconds. */
      readonly expiresAt?: number
    }
  /** `documented`: the refusal is the provider's own for certain, not a firewall's or a portal's; false by default. */
  | { readonly _tag: "KeyRejected"; readonly documented?: boolean }
  | RateLimitAnswer
  /** Worth another try: the issuer's own trouble. */
  | { readonly _tag: "Unavailable" }
  /** Not the documented answer; `detail` says what is wrong with it and quotes none of it. */
  | { readonly _tag: "Invalid"; readonly detail: string }

/**
 * What a provider makes of the answer to a general request.
 *
 * @example
 * ```ts
 * import type { Verdict } from "@tokenkeep/core"
 *
 * const verdict: Verdict = { _tag: "TokenExpired" }
 * console.log(verdict._tag) // => TokenExpired
 * ```
 */
export type Verdict =
  | { readonly _tag: "TokenExpired" }
  | { readonly _tag: "TokenInvalid" }
  | { readonly _tag: "TokenMissing" }
  | { readonly _tag: "Forbidden" }
  | RateLimitAnswer
  /** Nothing about authorization: the caller's business. */
  | { readonly _tag: "Other" }

/**
 * The request that turns an API key into an access token.
 *
 * @example
 * ```ts
 * import type { IssueRequest } from "@tokenkeep/core"
 *
 * const request: IssueRequest = { path: "/token", method: "POST", headers: {} }
 * console.log(request.path) // => /token
 * ```
 */
export interface IssueRequest {
  /** Resolved against the base URL by the same origin rules as any request (KEY-1). */
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * PORT: what one API is, in pure functions. It does no I/O, reads no clock and keeps no state.
 *
 * @example
 * ```ts
 * import { Provider } from "@tokenkeep/core"
 *
 * const example = Provider.of({
 *   name: "example",
 *   baseUrl: "https://api.example.test",
 *   cleartext: false,
 *   issueRequest: (apiKey) => ({
 *     path: "/token",
 *     method: "POST",
 *     headers: { authorization: `Bearer ${apiKey.reveal()}` }
 *   }),
 *   readToken: ({ status, text }) =>
 *     status === 200 ? { _tag: "Issued", token: text } : { _tag: "Invalid", detail: `status ${status}` },
 *   classify: ({ status }) => (status === 401 ? { _tag: "TokenInvalid" } : { _tag: "Other" })
 * })
 * console.log(example.name) // => example
 * ```
 */
export class Provider extends Context.Service<
  Provider,
  {
    /** Names the provider in stored records and messages. */
    readonly name: string
    /** Where both credentials may go; its path is a prefix that requests cannot leave. */
    readonly baseUrl: string
    /** Whether plain http to this host was opted in to by name (REQ-4). */
    readonly cleartext: boolean
    /** How long a brand-new token may take to be known everywhere, in milliseconds; 0 by default (TOK-11). */
    readonly propagation?: number
    /** What each endpoint takes, which typed calls keep to; no limits by default (REQ-7). */
    readonly rates?: Rates
    readonly issueRequest: (apiKey: ApiKey) => IssueRequest
    readonly readToken: (answer: Answer) => IssueVerdict
    readonly classify: (answer: Answer) => Verdict
  }
>()("@tokenkeep/core/Provider") {}
