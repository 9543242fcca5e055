import { assertNoSecrets } from "@tokenkeep/core/testing"
import { cloud, deeplyProvider } from "@tokenkeep/deeply"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { sampleKey } from "./support/clients.ts"
import { runs } from "./support/seed.ts"

const { classify, readToken } = deeplyProvider(cloud)

/** A text with a secret somewhere in it, often where the API would have its own words. */
const texts = fc.oneof(
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

const answers = fc.record({
  status: fc.oneof(fc.constantFrom(200, 401, 403, 429, 500), fc.integer({ min: 0, max: 999 })),
  headers: fc
    .dictionary(fc.constantFrom("retry-after", "www-authenticate", "date", "content-type"), headerValues)
    .map((headers) => new Headers(headers)),
  text: texts,
  sentToken: fc.boolean()
})

const rightly = new Map([
  [401, ["TokenExpired", "TokenInvalid"]],
  [403, ["Forbidden", "TokenMissing"]],
  [429, ["RateLimited"]]
])

const fieldsOf = (text: string): { readonly access_token?: unknown } => {
  try {
    return Object(JSON.parse(text)) as object
  } catch {
    return {}
  }
}

describe("any answer at all", () => {
  it("SEC-1, REQ-1: is judged without a throw, without a secret, and a 403 never renews", () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const verdict = classify(answer)
        assertNoSecrets(JSON.stringify(verdict), [sampleKey])
        expect(rightly.get(answer.status) ?? ["Other"]).toContain(verdict._tag)
      }),
      runs(2_000)
    )
  })

  it("SEC-1, TOK-10: is read for a token without a throw, and only the documented body of a 200 has one", () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const verdict = readToken(answer)
        // The token itself may be anything, the sample key too.
        const { token, ...told } = { token: undefined, ...verdict }
        assertNoSecrets(JSON.stringify(told), [sampleKey])
        const body = answer.status === 200 ? fieldsOf(answer.text) : {}
        expect(token).toBe(typeof body.access_token === "string" ? body.access_token : undefined)
      }),
      runs(2_000)
    )
  })
})
