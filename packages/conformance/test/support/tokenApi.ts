import { providerSubject, type ProviderSubjectOptions } from "@tokenkeep/conformance"
import { type Answer, challengesIn, type IssueVerdict, Provider, type Verdict } from "@tokenkeep/core"

/** The key of the example: a client's id and its secret. */
const apiKey = "client-7f3a:s3cr3t-2f6c1d8e7b3a4950"

const secrets = ["s3cr3t-2f6c1d8e7b3a4950"]

export const fieldsOf = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const finite = (value: unknown): number | undefined => (Number.isFinite(value) ? (value as number) : undefined)

export const readToken = ({ headers, status, text }: Answer): IssueVerdict => {
  const { access_token: token, error, expires_in: seconds } = fieldsOf(text)
  if (status === 429) return limitOf(headers)
  if (status >= 500) return { _tag: "Unavailable" }
  if (status === 401) return { _tag: "KeyRejected", documented: error === "invalid_client" }
  if (status !== 200) return { _tag: "Invalid", detail: `status ${status}` }
  if (typeof token !== "string") return { _tag: "Invalid", detail: "a body without a text as access_token" }
  const lifetime = finite(seconds)
  return { _tag: "Issued", token, ...(lifetime === undefined ? undefined : { lifetime: lifetime * 1_000 }) }
}

const limitOf = (headers: Headers): Extract<Verdict, { readonly _tag: "RateLimited" }> => {
  const reset = headers.get("x-ratelimit-reset") ?? ""
  return { _tag: "RateLimited", resetAt: /^\d{1,12}$/.test(reset) ? Number(reset) * 1_000 : undefined }
}

/** RFC 6750, 3.1: no `error` where no token came, and a description for people. */
const refusedToken = (headers: Headers): Verdict => {
  const bearer = challengesIn(headers).find(({ scheme }) => scheme === "bearer")
  if (bearer?.parameters.get("error") === undefined) return { _tag: "TokenMissing" }
  const description = bearer.parameters.get("error_description") ?? ""
  return { _tag: description.includes("expired") ? "TokenExpired" : "TokenInvalid" }
}

export const classify = ({ headers, status }: Answer): Verdict => {
  switch (status) {
    case 401:
      return refusedToken(headers)
    case 403:
      return { _tag: "Forbidden" }
    case 429:
      return limitOf(headers)
    default:
      return { _tag: "Other" }
  }
}

/** An API of no company, with OAuth's client credentials: a form, a basic header, `expires_in` and challenges. */
export const tokenApi: Provider["Service"] = Provider.of({
  name: "token-api",
  baseUrl: "https://api.example.test/v2",
  cleartext: false,
  rates: { perSecond: 50 },
  issueRequest: (key) => ({
    path: "/oauth/token",
    method: "POST",
    headers: { authorization: `Basic ${btoa(key.reveal())}`, "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials"
  }),
  readToken,
  classify
})

const challenge = (text: string) => ({ status: 401, headers: { "www-authenticate": text } })

/** What its reference documents. */
export const documented: Omit<ProviderSubjectOptions, "title" | "provider"> = {
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
  apiKey,
  secrets
}

export const subjectOf = (
  title: string,
  provider: Provider["Service"],
  options: Partial<ProviderSubjectOptions> = {}
) => providerSubject({ title, provider, ...documented, ...options })
