import { providerContract, runContract } from "@tokenkeep/conformance"
import { testContract } from "@tokenkeep/conformance/vitest"
import { describe, expect, it } from "vitest"
import { discoveringApi, documented, tokenApi } from "./support/tokenApi.ts"
import { testWrongAdapters } from "./support/wrongAdapters.ts"
import { wrongProviders } from "./wrong/providers.ts"

describe("REQ-7, TOK-10: a correct provider passes", () => {
  testContract(providerContract({ name: "an API with client credentials", provider: tokenApi, ...documented }))
  testContract(
    providerContract({
      ...documented,
      name: "an API that documents little",
      provider: tokenApi,
      issued: { status: 200, body: '{"access_token":"at-5e1f09d7c2"}', token: "at-5e1f09d7c2" },
      expired: undefined,
      invalid: undefined,
      missing: undefined,
      limited: undefined,
      seed: 7
    })
  )
  testContract(
    providerContract({
      ...documented,
      name: "an API with a discovery document",
      provider: discoveringApi,
      deterministic: false,
      earlierResponse: (url) =>
        url.endsWith("/openid-configuration")
          ? { status: 200, body: { token_endpoint: "https://tokens.example.test/oauth/token" } }
          : undefined
    })
  )
})

describe("TOK-10: the provider contract catches", () => {
  testWrongAdapters(wrongProviders, (name, provider) => providerContract({ ...documented, name, provider }))
})

describe("the provider contract", () => {
  it("does not test what is not documented", () => {
    const { tests } = providerContract({ ...documented, name: "little", provider: tokenApi, expired: undefined })
    const missing = Object.fromEntries(tests.map((test) => [test.id, test.missing]))
    expect(missing["expired-token"]).toEqual(["expired"])
    expect(missing["invalid-token"]).toEqual([])
  })

  it("restores the globals that it watches, and reports no secret", async () => {
    const globals = () => [Date, Date.now, Math.random, fetch, setTimeout, Object.hasOwn(performance, "now")]
    const before = globals()
    const leaking = wrongProviders.find(({ fails }) => fails.includes("key-in-one-place"))
    const { passed, results } = await runContract(
      providerContract({ ...documented, name: "leaking", provider: leaking?.adapter ?? tokenApi, cases: 20 })
    )
    expect(passed).toBe(false)
    expect(JSON.stringify(results)).not.toContain(documented.secrets?.[0])
    globals().forEach((each, index) => expect(each).toBe(before[index]))
  })
})
