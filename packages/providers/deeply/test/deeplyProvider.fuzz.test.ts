import { ApiKey } from "@tokenkeep/core"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import { cloud, deeplyProvider } from "@tokenkeep/deeply"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { sampleKey } from "./support/clients.ts"
import { runs } from "./support/seed.ts"

const { classify, requestToken } = deeplyProvider(cloud)

/** A body with a secret in it, often in the place of the API's own message. */
const bodies = fc.oneof(
  fc.string(),
  fc.string().map((before) => before + sampleKey),
  fc.jsonValue().map((value) => JSON.stringify(value) ?? ""),
  fc
    .dictionary(fc.constantFrom("detail", "access_token", "message", sampleKey), fc.jsonValue())
    .map((value) => JSON.stringify(value)),
  fc
    .record(
      {
        message: fc.oneof(fc.string(), fc.constant(`expired ${sampleKey}`), fc.jsonValue()),
        reset: fc.oneof(fc.double(), fc.constantFrom(1e308, -1e308, "soon", null, sampleKey)),
        limit: fc.jsonValue(),
        remaining: fc.jsonValue()
      },
      { requiredKeys: [] }
    )
    .map((detail) => JSON.stringify({ detail }))
)

const headerValues = fc.oneof(
  fc.stringMatching(/^[\x20-\x7e]{0,50}$/),
  fc.constantFrom(sampleKey, `Bearer error="${sampleKey}"`, "1e400", "-5", "Thu, 01 Jan 1970 00:00:00 GMT")
)

const responses = fc.record({
  status: fc.oneof(fc.constantFrom(200, 401, 403, 429, 500), fc.integer({ min: 0, max: 999 })),
  headers: fc
    .dictionary(fc.constantFrom("retry-after", "www-authenticate", "date", "content-type"), headerValues)
    .map((headers) => new Headers(headers)),
  text: bodies,
  sentToken: fc.boolean()
})

const allowedVerdicts = new Map([
  [401, ["TokenExpired", "TokenInvalid"]],
  [403, ["Forbidden", "TokenMissing"]],
  [429, ["RateLimited"]]
])

/** A `Response` with any status, also one that the constructor refuses. */
const responseOf = ({ headers, status, text }: { headers: Headers; status: number; text: string }): Response =>
  Object.defineProperty(new Response(text, { headers }), "status", { value: status })

const fieldsOf = (text: string): { readonly access_token?: unknown } => {
  try {
    return Object(JSON.parse(text)) as object
  } catch {
    return {}
  }
}

describe("any response", () => {
  it("SEC-1, REQ-1: is classified without a throw and without a secret, and a 403 never causes a renewal", () => {
    fc.assert(
      fc.property(responses, (response) => {
        const verdict = classify(response)
        assertNoSecrets(JSON.stringify(verdict), [sampleKey])
        expect(allowedVerdicts.get(response.status) ?? ["Other"]).toContain(verdict._tag)
      }),
      runs(2_000)
    )
  })

  it("SEC-1, TOK-10: is read as a token response without a throw, and only the documented body of a 200 has a token", async () => {
    const apiKey = ApiKey.make(sampleKey)
    await fc.assert(
      fc.asyncProperty(responses, async (response) => {
        const verdict = await requestToken(apiKey, { fetch: async () => responseOf(response) })
        // The token may be any string, even the sample key.
        const { token, ...rest } = { token: undefined, ...verdict }
        assertNoSecrets(JSON.stringify(rest), [sampleKey])
        const body = response.status === 200 ? fieldsOf(response.text) : {}
        expect(token).toBe(typeof body.access_token === "string" ? body.access_token : undefined)
      }),
      runs(2_000)
    )
  })
})
