import type { ApiKey } from "../credentials/ApiKey.ts"
import { isPlausible } from "../lifecycle/RenewalPolicy.ts"
import { attempt, fieldOf, isA, jsonObject } from "./jsonFields.ts"
import { type JsonTokenOptions, type JsonTokenSettings, jsonTokenSettings } from "./JsonTokenOptions.ts"
import type { Provider, ProviderResponse, TokenRequest, TokenVerdict } from "./Provider.ts"
import { pureTokenRequest } from "./pureTokenRequest.ts"

const json = "application/json"

const requestOf = ({ body, header, method, path }: JsonTokenSettings, apiKey: ApiKey): TokenRequest => {
  const key = apiKey.reveal()
  const text = body?.(key)
  const headers = new Headers({ accept: json, ...(text !== undefined && { "content-type": json }) })
  header(key).forEach((value, name) => headers.set(name, value))
  return { path, method, headers: Object.fromEntries(headers), ...(text !== undefined && { body: text }) }
}

const lifetimeInvalid: TokenVerdict = {
  _tag: "Invalid",
  detail: "JSON whose lifetime is missing, or not from one second to ten years",
  fix: "Check jsonToken.lifetime: a field contains seconds, and a function returns milliseconds or a Date."
}

/** The verdict on a token, by what `lifetime` read. */
const issued = (token: string, declared: unknown): TokenVerdict => {
  if (declared === undefined) return { _tag: "Issued", token }
  if (typeof declared === "number" && isPlausible(declared)) return { _tag: "Issued", token, lifetime: declared }
  const expiresAt = isA("Date", declared) ? Number(declared) : Number.NaN
  return Number.isNaN(expiresAt) ? lifetimeInvalid : { _tag: "Issued", token, expiresAt }
}

const readToken = ({ lifetime, tokenField }: JsonTokenSettings, text: string): TokenVerdict => {
  const response = jsonObject(text)
  if (response === undefined) {
    return { _tag: "Invalid", detail: text.trim() === "" ? "an empty body" : "a body that is not a JSON object" }
  }
  const token = fieldOf(response, tokenField)
  if (typeof token !== "string") {
    return {
      _tag: "Invalid",
      detail: `JSON whose ${tokenField} is missing or not a string`,
      fix: "Compare jsonToken.tokenField with the documentation of the API."
    }
  }
  if (lifetime === undefined) return issued(token, undefined)
  const read = attempt(() => ({ declared: lifetime(response) }))
  return read === undefined ? lifetimeInvalid : issued(token, read.declared)
}

const readResponse = (settings: JsonTokenSettings, { status, text }: ProviderResponse): TokenVerdict => {
  if (status === 200) return readToken(settings, text)
  if (status === 429) return { _tag: "RateLimited" }
  if (status >= 500) return { _tag: "Unavailable" }
  if (settings.rejectedStatuses.includes(status)) {
    // Captive portals and most firewalls respond with a page.
    return { _tag: "KeyRejected", documented: jsonObject(text) !== undefined }
  }
  return { _tag: "Invalid", detail: `status ${status}` }
}

/**
 * Makes `requestToken` of a provider whose API returns tokens as JSON, with status 200. Throws `CONFIG_INVALID` if an
 * option is wrong.
 *
 * A rejection of the key counts as documented if its body is a JSON object. A 429 and 5xx are temporary. Any other
 * response is `Invalid`, also one without the token, or without the lifetime that `lifetime` describes.
 *
 * @example
 * ```ts
 * import { ApiKey, jsonToken } from "@tokenkeep/core"
 *
 * const requestToken = jsonToken({ path: "/v1/token", header: "x-api-key", tokenField: "data.token", lifetime: "data.ttl" })
 * const response = Response.json({ data: { token: "tok-1", ttl: 3_600 } })
 * const verdict = await requestToken(ApiKey.make("sk-live-2f6c1d"), { fetch: async () => response })
 * console.log(verdict) // => { _tag: 'Issued', token: 'tok-1', lifetime: 3600000 }
 * ```
 */
export const jsonToken = (options: JsonTokenOptions): Provider["Service"]["requestToken"] => {
  const settings = jsonTokenSettings(options)
  return pureTokenRequest({
    tokenRequest: (apiKey) => requestOf(settings, apiKey),
    readTokenResponse: (response) => readResponse(settings, response)
  })
}
