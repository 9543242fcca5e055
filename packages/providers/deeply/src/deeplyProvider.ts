import type { Answer, IssueVerdict, Provider, RateLimitAnswer, Rates, Verdict } from "@tokenkeep/core"
import type { Host } from "./Host.ts"

const isObject = (u: unknown): u is Readonly<Record<string, unknown>> => typeof u === "object" && u !== null

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `{"detail": {…}}`, the body of every documented error; nothing for what a proxy or portal answers. */
const detailOf = (text: string): Readonly<Record<string, unknown>> | undefined => {
  const body = parsed(text)
  return isObject(body) && isObject(body["detail"]) ? body["detail"] : undefined
}

const numberOf = (u: unknown): number | undefined => (typeof u === "number" && Number.isFinite(u) ? u : undefined)

const rateLimit = (text: string): RateLimitAnswer => {
  const detail = detailOf(text)
  const reset = numberOf(detail?.["reset"])
  return {
    _tag: "RateLimited",
    // Unix seconds, as documented.
    resetAt: reset === undefined ? undefined : reset * 1_000,
    limit: numberOf(detail?.["limit"]),
    remaining: numberOf(detail?.["remaining"])
  }
}

/** The one message that is documented word for word begins like this; any other 401 is "invalid". */
const isExpiry = (detail: Readonly<Record<string, unknown>> | undefined): boolean =>
  typeof detail?.["message"] === "string" && /\bexpired\b/i.test(detail["message"])

const classify = ({ status, text }: Answer): Verdict => {
  switch (status) {
    case 401:
      return { _tag: isExpiry(detailOf(text)) ? "TokenExpired" : "TokenInvalid" }
    case 403:
      return { _tag: detailOf(text) === undefined ? "Forbidden" : "TokenMissing" }
    case 429:
      return rateLimit(text)
    default:
      return { _tag: "Other" }
  }
}

const readIssued = (text: string): IssueVerdict => {
  const body = parsed(text)
  if (body === undefined)
    return { _tag: "Invalid", detail: text.trim() === "" ? "an empty body" : "a body that is not JSON" }
  if (!isObject(body)) return { _tag: "Invalid", detail: "JSON that is not an object" }
  const token = body["access_token"]
  return typeof token === "string"
    ? { _tag: "Issued", token }
    : { _tag: "Invalid", detail: "JSON without a text as access_token" }
}

const readToken = ({ status, text }: Answer): IssueVerdict => {
  if (status === 200) return readIssued(text)
  if (status === 401 || status === 403) {
    return { _tag: "KeyRejected", documented: detailOf(text) !== undefined }
  }
  if (status === 429) return rateLimit(text)
  if (status >= 500) return { _tag: "Unavailable" }
  return { _tag: "Invalid", detail: `status ${status}` }
}

/** What the reference says that each endpoint takes. */
export const deeplyRates: Rates = { perSecond: 10, perMinute: 1_000 }

/** What the API itself says in an error, whatever it is. */
export const messageOf = (text: string): unknown => detailOf(text)?.["message"]

/**
 * What the Deeply API is, in pure functions: the reissue call, and the rules that tell its authorization errors apart.
 *
 * A 401 whose message speaks of expiry is `TokenExpired`, any other 401 `TokenInvalid`; a 403 with the documented JSON
 * body is `TokenMissing`, any other `Forbidden`. Source: the Deeply API reference, v2025.08, authorization.
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
  cleartext: host.cleartext,
  rates: deeplyRates,
  issueRequest: (apiKey) => ({
    path: "/api/v1/auth/reissue",
    method: "GET",
    headers: { authorization: `Bearer ${apiKey.reveal()}`, accept: "application/json" }
  }),
  readToken,
  classify
})
