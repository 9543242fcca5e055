import type { Provider } from "@tokenkeep/core"

/**
 * A response, as the reference of an API documents it.
 *
 * @example
 * ```ts
 * import type { DocumentedResponse } from "@tokenkeep/conformance"
 *
 * const rejected: DocumentedResponse = { status: 401, body: { error: "invalid_client" } }
 * console.log(rejected.status) // => 401
 * ```
 */
export interface DocumentedResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A string as it is, anything else as JSON; empty by default. */
  readonly body?: unknown
}

/**
 * A provider, and what its API documents. A test that needs a response that is left out does not apply.
 *
 * @example
 * ```ts
 * import type { ProviderUnderTest } from "@tokenkeep/conformance"
 *
 * const documented: Pick<ProviderUnderTest, "issued" | "keyRejected"> = {
 *   issued: { status: 200, body: { token: "tok-1", seconds: 60 }, token: "tok-1", lifetime: 60_000 },
 *   keyRejected: { status: 401, body: { error: "unknown key" } }
 * }
 * console.log(documented.issued.lifetime) // => 60000
 * ```
 */
export interface ProviderUnderTest {
  readonly name: string
  readonly provider: Provider["Service"]
  /** The response to a token request with a valid key, and what it says. */
  readonly issued: DocumentedResponse & {
    /** The token, which must be in the response once. */
    readonly token: string
    /** In milliseconds. */
    readonly lifetime?: number | undefined
    /** In epoch milliseconds. */
    readonly expiresAt?: number | undefined
  }
  /** The response to a token request with a key that is not accepted. */
  readonly keyRejected: DocumentedResponse
  /** The response of any other endpoint to an expired token. */
  readonly expired?: DocumentedResponse | undefined
  /** The response of any other endpoint to an unknown token. */
  readonly invalid?: DocumentedResponse | undefined
  /** The response of any other endpoint to a request without a token. */
  readonly missing?: DocumentedResponse | undefined
  /** The response to too many requests, and what it says. */
  readonly limited?:
    | (DocumentedResponse & {
        /** In epoch milliseconds. */
        readonly resetAt?: number | undefined
        readonly limit?: number | undefined
        readonly remaining?: number | undefined
      })
    | undefined
  /**
   * Responses to the requests that the provider sends before the one that returns the token, by their URL: `undefined`
   * for the token request itself. A provider with one request needs none.
   */
  readonly earlierResponse?: ((url: string) => DocumentedResponse | undefined) | undefined
  /** `false` for a provider that signs its token requests with the time or a nonce; `true` by default. */
  readonly deterministic?: boolean | undefined
  /** A key that the provider accepts; `sk-live-2f6c1d8e7b3a4950` by default. */
  readonly apiKey?: string | undefined
  /** The parts of the key that are secret, if they are sent separately; the whole key by default. */
  readonly secrets?: ReadonlyArray<string> | undefined
  /** The seed of the random responses; the same seed makes the same responses. */
  readonly seed?: number | undefined
  /** How many random responses are tried (500). */
  readonly cases?: number | undefined
  /** When a test that is still running has failed, in milliseconds (300,000). */
  readonly timeout?: number | undefined
}
