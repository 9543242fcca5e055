import { type ApiKey, type IssueVerdict, Provider } from "../../src/index.ts"

const isObject = (u: unknown): u is Record<string, unknown> => typeof u === "object" && u !== null

const issued = (text: string): IssueVerdict => {
  const body: unknown = text.startsWith("{") ? JSON.parse(text) : undefined
  if (!isObject(body)) return { _tag: "Invalid", detail: "not the documented JSON" }
  // As it stands in the body: a provider may be as careless.
  const { token, ...times } = body
  return { _tag: "Issued", token: token as string, ...times }
}

/** A small API of no company: `POST /token` answers `{ token, expiresAt, lifetime }`. */
export const exampleProvider = (overrides: Partial<Provider["Service"]> = {}): Provider["Service"] =>
  Provider.of({
    name: "example",
    baseUrl: "https://api.example.test",
    cleartext: false,
    issueRequest: (key: ApiKey) => ({
      path: "/token",
      method: "POST",
      headers: { authorization: `Bearer ${key.reveal()}` }
    }),
    readToken: ({ status, text }) => {
      if (status === 200) return issued(text)
      if (status === 401) return { _tag: "KeyRejected" }
      if (status === 429) return { _tag: "RateLimited", ...(JSON.parse(text || "{}") as object) }
      return status >= 500 ? { _tag: "Unavailable" } : { _tag: "Invalid", detail: `status ${status}` }
    },
    classify: ({ status }) => (status === 401 ? { _tag: "TokenExpired" } : { _tag: "Other" }),
    ...overrides
  })
