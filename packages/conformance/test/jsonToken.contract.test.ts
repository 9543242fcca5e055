import { providerContract, type ProviderUnderTest } from "@tokenkeep/conformance"
import { testContract } from "@tokenkeep/conformance/vitest"
import { jsonToken, type JsonTokenOptions, Provider } from "@tokenkeep/core"
import { describe } from "vitest"

const token = "at-5e1f09d7c2"

const providerOf = (options: JsonTokenOptions): Provider["Service"] =>
  Provider.of({
    name: "json-api",
    baseUrl: "https://api.example.test/v2",
    allowInsecureHttp: false,
    requestToken: jsonToken(options),
    classify: ({ status }) => {
      if (status === 401) return { _tag: "TokenInvalid" }
      return { _tag: status === 403 ? "Forbidden" : status === 429 ? "RateLimited" : "Other" }
    }
  })

const apis: ReadonlyArray<
  readonly [name: string, options: JsonTokenOptions, issued: Omit<ProviderUnderTest["issued"], "status" | "token">]
> = [
  ["a GET with a bearer key", { path: "/api/v1/auth/reissue", method: "GET" }, { body: { access_token: token } }],
  [
    "a key in a header",
    { path: "/token", header: "x-api-key", tokenField: "data.token", lifetime: "data.ttl" },
    { body: { data: { token, ttl: 3_600 } }, lifetime: 3_600_000 }
  ],
  [
    "a key in a header that a function builds, with an object as the body",
    { path: "/token", header: (key) => ({ authorization: `Basic ${btoa(`:${key}`)}` }), body: { scope: "read" } },
    { body: { access_token: token } }
  ],
  [
    "a key in the body, and a fixed lifetime",
    { path: "/session", body: (key) => ({ key }), tokenField: "token", lifetime: 900_000 },
    { body: { token }, lifetime: 900_000 }
  ],
  [
    "the date of the expiry",
    { path: "/token", tokenField: "token", lifetime: ({ until }) => new Date(String(until)) },
    { body: { token, until: "2026-08-01T10:00:00.000Z" }, expiresAt: Date.UTC(2026, 7, 1, 10) }
  ]
]

describe("TOK-10, KEY-1, SEC-1: a provider with jsonToken passes", () => {
  for (const [name, options, issued] of apis) {
    testContract(
      providerContract({
        name,
        provider: providerOf(options),
        issued: { status: 200, token, ...issued },
        keyRejected: { status: 401, body: { error: "unknown key" } },
        invalid: { status: 401, body: { error: "unknown token" } },
        limited: { status: 429 }
      })
    )
  }
})
