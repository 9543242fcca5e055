import {
  type Provider,
  type ProviderResponse,
  pureTokenRequest,
  type RateLimitVerdict,
  type TokenVerdict,
  type Verdict
} from "@tokenkeep/core"
import type { Host } from "../Host.ts"
import { errorDetail, errorMessage, isJsonObject, parseJson } from "./errorBody.ts"
import { deeplyRates } from "./rates.ts"

const finiteNumber = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined

const rateLimitVerdict = (text: string): RateLimitVerdict => {
  const detail = errorDetail(text)
  const reset = finiteNumber(detail?.["reset"])
  return {
    _tag: "RateLimited",
    // Deeply documents `reset` in Unix seconds.
    resetAt: reset === undefined ? undefined : reset * 1_000,
    limit: finiteNumber(detail?.["limit"]),
    remaining: finiteNumber(detail?.["remaining"])
  }
}

/** Deeply documents only the message of an expired token, so a 401 with any other message means an invalid token. */
const saysExpired = (text: string): boolean => {
  const message = errorMessage(text)
  return typeof message === "string" && /\bexpired\b/i.test(message)
}

const classify = ({ status, text }: ProviderResponse): Verdict => {
  switch (status) {
    case 401:
      return { _tag: saysExpired(text) ? "TokenExpired" : "TokenInvalid" }
    case 403:
      return { _tag: errorDetail(text) === undefined ? "Forbidden" : "TokenMissing" }
    case 429:
      return rateLimitVerdict(text)
    default:
      return { _tag: "Other" }
  }
}

const readIssuedToken = (text: string): TokenVerdict => {
  const body = parseJson(text)
  if (body === undefined) {
    return { _tag: "Invalid", detail: text.trim() === "" ? "an empty body" : "a body that is not JSON" }
  }
  if (!isJsonObject(body)) return { _tag: "Invalid", detail: "JSON that is not an object" }
  const token = body["access_token"]
  return typeof token === "string"
    ? { _tag: "Issued", token }
    : { _tag: "Invalid", detail: "JSON whose access_token is missing or not a string" }
}

const readTokenResponse = ({ status, text }: ProviderResponse): TokenVerdict => {
  if (status === 200) return readIssuedToken(text)
  if (status === 401 || status === 403) {
    return { _tag: "KeyRejected", documented: errorDetail(text) !== undefined }
  }
  if (status === 429) return rateLimitVerdict(text)
  if (status >= 500) return { _tag: "Unavailable" }
  return { _tag: "Invalid", detail: `status ${status}` }
}

/**
 * Describes the Deeply API to `@tokenkeep/core` in pure functions: the token request, and how to classify its errors.
 *
 * A 401 whose message contains "expired" is `TokenExpired`; any other 401 is `TokenInvalid`. A 403 with the documented
 * JSON body is `TokenMissing`; any other 403 is `Forbidden`. Source: Deeply API reference v2025.08, authorization.
 *
 * @param host Where the API is: {@link cloud}, {@link edge} or a host of your own.
 *
 * @example
 * ```ts
 * import { cloud, deeplyProvider } from "@tokenkeep/deeply"
 *
 * const { classify } = deeplyProvider(cloud)
 * const text = JSON.stringify({ detail: { message: "No token." } })
 * console.log(classify({ status: 403, headers: new Headers(), text, sentToken: true })._tag) // => TokenMissing
 * ```
 */
export const deeplyProvider = (host: Host): Provider["Service"] => ({
  name: "deeply",
  baseUrl: host.baseUrl,
  allowInsecureHttp: host.allowInsecureHttp,
  rates: deeplyRates,
  requestToken: pureTokenRequest({
    tokenRequest: (apiKey) => ({
      path: "/api/v1/auth/reissue",
      method: "GET",
      headers: { authorization: `Bearer ${apiKey.reveal()}`, accept: "application/json" }
    }),
    readTokenResponse
  }),
  classify
})
