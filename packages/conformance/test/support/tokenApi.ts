import type { ProviderUnderTest } from "@tokenkeep/conformance"
import { type ProviderResponse, Provider, pureTokenRequest, type TokenVerdict, type Verdict } from "@tokenkeep/core"

const secret = "s3cr3t-2f6c1d8e7b3a4950"

export const fieldsOf = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const limitOf = (headers: Headers): Extract<Verdict, { readonly _tag: "RateLimited" }> => {
  const reset = headers.get("x-ratelimit-reset") ?? ""
  return { _tag: "RateLimited", resetAt: /^\d{1,12}$/.test(reset) ? Number(reset) * 1_000 : undefined }
}

export const readTokenResponse = ({ headers, status, text }: ProviderResponse): TokenVerdict => {
  const { access_token: token, error, expires_in: seconds } = fieldsOf(text)
  if (status === 429) return limitOf(headers)
  if (status >= 500) return { _tag: "Unavailable" }
  if (status === 401) return { _tag: "KeyRejected", documented: error === "invalid_client" }
  if (status !== 200) return { _tag: "Invalid", detail: `status ${status}` }
  if (typeof token !== "string") return { _tag: "Invalid", detail: "a body without a string as access_token" }
  return Number.isFinite(seconds)
    ? { _tag: "Issued", token, lifetime: Number(seconds) * 1_000 }
    : { _tag: "Issued", token }
}

/** RFC 6750, section 3.1: there is no `error` if the request had no token. */
const rejectedToken = (headers: Headers): Verdict => {
  const challenge = headers.get("www-authenticate") ?? ""
  if (!/^bearer\b.*\berror=/i.test(challenge)) return { _tag: "TokenMissing" }
  return { _tag: /error_description="[^"]*expired/.test(challenge) ? "TokenExpired" : "TokenInvalid" }
}

export const classify = ({ headers, status }: ProviderResponse): Verdict => {
  if (status === 401) return rejectedToken(headers)
  if (status === 403) return { _tag: "Forbidden" }
  return status === 429 ? limitOf(headers) : { _tag: "Other" }
}

export const tokenRequest: Parameters<typeof pureTokenRequest>[0]["tokenRequest"] = (key) => ({
  path: "/oauth/token",
  method: "POST",
  headers: { authorization: `Basic ${btoa(key.reveal())}`, "content-type": "application/x-www-form-urlencoded" },
  body: "grant_type=client_credentials"
})

/** A correct provider for an API of no company with OAuth client credentials. */
export const tokenApi: Provider["Service"] = Provider.of({
  name: "token-api",
  baseUrl: "https://api.example.test/v2",
  allowInsecureHttp: false,
  rates: { perSecond: 50 },
  requestToken: pureTokenRequest({ tokenRequest, readTokenResponse }),
  classify
})

/** A correct provider that finds its token endpoint on another host, and signs the request with a nonce. */
export const discoveringApi: Provider["Service"] = {
  ...tokenApi,
  tokenOrigins: ["https://login.example.test"],
  discoverTokenOrigins: async ({ fetch }) => {
    const discovered = await fetch("/.well-known/openid-configuration")
    const { token_endpoint: endpoint } = fieldsOf(await discovered.text())
    return [new URL(String(endpoint)).origin]
  },
  requestToken: async (key, { fetch }) => {
    const { path: _, ...init } = tokenRequest(key)
    const response = await fetch("/oauth/token", { ...init, body: new URLSearchParams({ nonce: crypto.randomUUID() }) })
    const { headers, status } = response
    return readTokenResponse({ headers, status, text: await response.text(), sentToken: false })
  }
}

const challenge = (text: string) => ({ status: 401, headers: { "www-authenticate": text } })

/** What the reference of this API documents. */
export const documented: Omit<ProviderUnderTest, "name" | "provider"> = {
  issued: {
    status: 200,
    body: { access_token: "at-5e1f09d7c2", token_type: "Bearer", expires_in: 3_600 },
    token: "at-5e1f09d7c2",
    lifetime: 3_600_000
  },
  keyRejected: { status: 401, body: { error: "invalid_client" } },
  expired: challenge('Bearer realm="api", error="invalid_token", error_description="The access token expired"'),
  invalid: challenge('Bearer realm="api", error="invalid_token"'),
  missing: challenge('Bearer realm="api"'),
  limited: { status: 429, headers: { "x-ratelimit-reset": "1640995200" }, resetAt: 1_640_995_200_000 },
  apiKey: `client-7f3a:${secret}`,
  secrets: [secret]
}
