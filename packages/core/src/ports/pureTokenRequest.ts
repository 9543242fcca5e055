import type { ApiKey } from "../credentials/ApiKey.ts"
import type { Provider, ProviderResponse, TokenRequest, TokenVerdict } from "./Provider.ts"

/**
 * Makes `requestToken` of a provider from two pure functions: one builds the request, one reads its response.
 *
 * @example
 * ```ts
 * import { ApiKey, pureTokenRequest } from "@tokenkeep/core"
 *
 * const requestToken = pureTokenRequest({
 *   tokenRequest: (apiKey) => ({
 *     path: "/token",
 *     method: "POST",
 *     headers: { authorization: `Bearer ${apiKey.reveal()}` }
 *   }),
 *   readTokenResponse: ({ status, text }) =>
 *     status === 200 ? { _tag: "Issued", token: text } : { _tag: "Invalid", detail: `status ${status}` }
 * })
 * const verdict = await requestToken(ApiKey.make("sk-live-2f6c1d"), { fetch: async () => new Response("tok-1") })
 * console.log(verdict) // => { _tag: 'Issued', token: 'tok-1' }
 * ```
 */
export const pureTokenRequest =
  (pure: {
    readonly tokenRequest: (apiKey: ApiKey) => TokenRequest
    readonly readTokenResponse: (response: ProviderResponse) => TokenVerdict
  }): Provider["Service"]["requestToken"] =>
  async (apiKey, { fetch }) => {
    const { path, ...init } = pure.tokenRequest(apiKey)
    const response = await fetch(path, init)
    const { headers, status } = response
    return pure.readTokenResponse({ status, headers, text: await response.text(), sentToken: false })
  }
