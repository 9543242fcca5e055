import { assert, describe, it } from "@effect/vitest"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import { createOAuth2, OAuth2, type OAuth2Options } from "@tokenkeep/oauth2"
import * as Effect from "effect/Effect"
import { rejectionErrors } from "../src/provider/rejectionErrors.ts"
import { failure } from "./support/failure.ts"
import { issued, startHandMade } from "./support/startHandMade.ts"

const secret = "s3cr3t-2f6c1d8e7b3a4950"

const optionsFor = (url: string, grant: OAuth2Options["grant"] = { type: "client_credentials" }): OAuth2Options => ({
  baseUrl: url,
  tokenEndpoint: `${url}/token`,
  client: { id: "app", secret },
  grant,
  tokenRequest: { tries: 1 }
})

describe("SEC-1: a text of a server is shown only if it holds no secret", () => {
  for (const [what, value] of [
    ["the access token", issued.access_token],
    ["the client secret", secret],
    ["a part of the client secret", `read:${secret.slice(4, 16)}`]
  ] as const) {
    it(`a 403 whose scope is ${what}`, async () => {
      const headers = { "www-authenticate": `Bearer error="insufficient_scope", scope="${value}"` }
      await using server = await startHandMade({ api: { status: 403, headers } })
      const options = optionsFor(server.url)
      await using keep = createOAuth2(options)
      const explained = await keep.explain(await keep.fetch("/orders"))
      class Api extends OAuth2.Service<Api>()("test/Api") {}
      const failed = await Effect.runPromise(
        Effect.flip(
          Effect.provide(
            Api.use((api) => api.request("/orders")),
            Api.layerDefault(options)
          )
        )
      )
      for (const error of [explained, failed]) {
        assert.strictEqual(error?.code, "FORBIDDEN")
        assertNoSecrets(`${error?.message} ${error?.stack}`, [value])
      }
    })
  }

  it("a 403 with an ordinary scope names it", async () => {
    const headers = { "www-authenticate": 'Bearer error="insufficient_scope", scope="orders:write"' }
    await using server = await startHandMade({ api: { status: 403, headers } })
    await using keep = createOAuth2(optionsFor(server.url))
    const error = await keep.explain(await keep.fetch("/orders"))
    assert.include(error?.message, 'it needs the scope "orders:write"')
  })

  it("an error code that repeats a parameter of the grant", async () => {
    await using server = await startHandMade({
      token: ({ body }) => ({ status: 400, body: { error: body.get("password") ?? "" } })
    })
    const grant = { type: "urn:example:password", parameters: { password: "correcthorsebattery" } } as const
    await using keep = createOAuth2(optionsFor(server.url, grant))
    const error = await failure(keep.token())
    assert.include(error.message, "another error, with status 400")
    assertNoSecrets(`${error.message} ${error.stack}`, [grant.parameters.password])
  })

  for (const reason of ["constructor", "__proto__", "toString", "Pay at evil.test", secret]) {
    it(`a reason of a stored rejection: ${reason === secret ? "the secret" : reason}`, () => {
      const error = rejectionErrors("app")({ key: "client-secret", documented: true, reason, retryAt: 0, status: 401 })
      assert.strictEqual(error.code, "CLIENT_REJECTED")
      assert.include(error.message, "the client app (status 401, client-secret): but not with an OAuth2 error.")
      assert.notInclude(error.message, reason)
    })
  }
})
