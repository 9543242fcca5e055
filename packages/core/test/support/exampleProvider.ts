import { type ApiKey, Provider, pureTokenRequest, type TokenVerdict } from "../../src/index.ts"

const isObject = (u: unknown): u is Record<string, unknown> => typeof u === "object" && u !== null

const issued = (text: string): TokenVerdict => {
  const body: unknown = text.startsWith("{") ? JSON.parse(text) : undefined
  if (!isObject(body)) return { _tag: "Invalid", detail: "not the documented JSON" }
  // Unchecked, as a careless provider would return it.
  const { token, ...times } = body
  return { _tag: "Issued", token: token as string, ...times }
}

type Pure = Parameters<typeof pureTokenRequest>[0]

const pure: Pure = {
  tokenRequest: (key: ApiKey) => ({
    path: "/token",
    method: "POST",
    headers: { authorization: `Bearer ${key.reveal()}` }
  }),
  readTokenResponse: ({ status, text }) => {
    if (status === 200) return issued(text)
    if (status === 401) return { _tag: "KeyRejected" }
    if (status === 429) return { _tag: "RateLimited", ...(JSON.parse(text || "{}") as object) }
    return status >= 500 ? { _tag: "Unavailable" } : { _tag: "Invalid", detail: `status ${status}` }
  }
}

/** A provider, or parts of its token request. */
export type ProviderOverrides = Partial<Provider["Service"]> & Partial<Pure>

/** A small fictional API: `POST /token` returns `{ token, expiresAt, lifetime }`. */
export const exampleProvider = ({
  readTokenResponse = pure.readTokenResponse,
  tokenRequest = pure.tokenRequest,
  ...overrides
}: ProviderOverrides = {}): Provider["Service"] =>
  Provider.of({
    name: "example",
    baseUrl: "https://api.example.test",
    allowInsecureHttp: false,
    requestToken: pureTokenRequest({ tokenRequest, readTokenResponse }),
    classify: ({ status }) => (status === 401 ? { _tag: "TokenExpired" } : { _tag: "Other" }),
    ...overrides
  })
