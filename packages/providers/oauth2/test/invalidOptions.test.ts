import { assert, describe, it } from "@effect/vitest"
import { createOAuth2, type CreateOAuth2Options, OAuth2 } from "@tokenkeep/oauth2"
import * as Effect from "effect/Effect"
import { failure } from "./support/failure.ts"

class Crm extends OAuth2.Service<Crm>()("app/Crm") {}

const valid: CreateOAuth2Options = {
  baseUrl: "https://api.example.test",
  issuer: "https://login.example.test",
  client: { id: "app", secret: "s3cr3t-2f6c1d8e7b3a4950" },
  grant: { type: "client_credentials" }
}

const privateKey = { kty: "OKP" }

/** Options without types, as a caller in JavaScript may pass them. */
const invalid: ReadonlyArray<readonly [option: string, options: object, words: string]> = [
  ["issuer", { issuer: undefined }, "is missing, and so is tokenEndpoint"],
  ["issuer", { issuer: "login.example.test" }, "is not a URL"],
  ["issuer", { issuer: "https://login.example.test?tenant=a" }, "query"],
  ["tokenEndpoint", { tokenEndpoint: "/token" }, "is not a URL"],
  ["tokenEndpoint", { tokenEndpoint: "https://login.example.test/token#a" }, "has a fragment"],
  ["tokenEndpoint", { tokenEndpoint: "https://a:b@login.example.test/token" }, "password"],
  ["baseUrl", { baseUrl: undefined }, "is not a URL"],
  ["client", { client: undefined }, "is not an object"],
  ["client.id", { client: { secret: "s3cr3t-2f6c1d8e" } }, "is not a string"],
  ["client.id", { client: { id: " ", secret: "s3cr3t-2f6c1d8e" } }, "is empty"],
  ["client.method", { client: { id: "app", method: "tls_client_auth" } }, "unknown value"],
  ["client", { client: { id: "app", secret: "s3cr3t-2f6c1d8e", privateKey } }, "a secret and a private key"],
  ["client.secret", { client: { id: "app", secret: ["s3cr3t-1", "s3cr3t-2", "s3cr3t-3"] } }, "is a list of 3"],
  ["client.privateKey", { client: { id: "app", privateKey: [privateKey, privateKey, privateKey] } }, "is a list of 3"],
  ["client.privateKey", { client: { id: "app", privateKey: [] } }, "is a list of 0"],
  ["grant", { grant: undefined }, "is not an object"],
  ["grant.type", { grant: {} }, "is not a string"],
  ["grant.id", { grant: { type: "refresh_token", refreshToken: "rt-1" } }, "is not a string"],
  ["grant.grace", { grant: { type: "refresh_token", id: "acme", grace: "soon" } }, "is not a duration"],
  ["grant.parameters", { grant: { type: "refresh_token", id: "acme", parameters: {} } }, "is unknown"],
  ["grant.type", { grant: { type: "authorization_code" } }, "once only"],
  ["grant.type", { grant: { type: "client-credentials" } }, "is unknown"],
  ["grant.scope", { grant: { type: "client_credentials", scope: "" } }, "is not a string of scopes"],
  ["grant.scope", { grant: { type: "client_credentials", scope: 'a "b"' } }, "is not a string of scopes"],
  ["grant.scope", { grant: { type: "client_credentials", scope: ["read"] } }, "is not a string of scopes"],
  ["grant.id", { grant: { type: "urn:a:b", id: "" } }, "is empty"],
  ["grant.parameters.client_id", { grant: { type: "urn:a:b", parameters: { client_id: "x" } } }, "cannot be set"],
  ["parameters.client_secret", { parameters: { client_secret: "x" } }, "cannot be set"],
  ["parameters.tenant", { parameters: { tenant: 42 } }, "is not a string"],
  ["parameters", { parameters: [] }, "is not an object"],
  ["resource", { resource: "orders" }, "is not an absolute URI"],
  ["resource", { resource: ["https://orders.example.test/#a"] }, "is not an absolute URI"],
  ["resource", { resource: null }, "is not an absolute URI"],
  ["resource", { resource: 5 }, "is not an absolute URI"],
  ["grant.parameters", { grant: { type: "urn:a:b", parameters: 5 } }, "is not an object"],
  ["grant.parameters", { grant: { type: "urn:a:b", parameters: true } }, "is not an object"],
  ["grant.parameters", { grant: { type: "urn:a:b", parameters: "assertion=a" } }, "is not an object"],
  ["audience", { audience: "" }, "is empty"],
  ["tokenendpoint", { tokenendpoint: "https://login.example.test" }, "Did you mean tokenEndpoint?"],
  ["client.clientId", { client: { clientId: "app" } }, "Did you mean id?"],
  ["host", { host: "https://api.example.test" }, "Did you mean baseUrl?"],
  ["clientSecret", { clientSecret: "x" }, "Did you mean client?"],
  ["issuer", { issuer: "https://login.example.test/.well-known/openid-configuration" }, "leave out /.well-known/"],
  ["grant.scopes", { grant: { type: "client_credentials", scopes: "read" } }, "Did you mean scope?"],
  ["grant.parameters", { grant: { type: "client_credentials", parameters: {} } }, "is unknown"],
  ["tokenRequest.tries", { tokenRequest: { tries: 0 } }, "whole number"]
]

describe("an option that is wrong", () => {
  for (const [option, options, words] of invalid) {
    it(`is CONFIG_INVALID for ${option}: ${words}`, async () => {
      const wrong = { ...valid, ...options } as CreateOAuth2Options
      const error = await failure(() => createOAuth2(wrong))
      assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option })
      assert.include(error.message, words)
      const built = await Effect.runPromise(Effect.flip(Effect.provide(Effect.asVoid(Crm), Crm.layerDefault(wrong))))
      assert.deepStrictEqual(built.reason, error.reason)
    })
  }

  for (const nothing of [undefined, null] as ReadonlyArray<unknown>) {
    it(`is CONFIG_INVALID for ${String(nothing)} in place of the options`, async () => {
      const error = await failure(() => createOAuth2(nothing as CreateOAuth2Options))
      assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: "options" })
    })
  }

  for (const option of ["baseUrl", "issuer", "tokenEndpoint"] as const) {
    it(`REQ-4: plain http is INSECURE_ORIGIN for ${option}, unless it is allowed`, async () => {
      const insecure = { ...valid, [option]: "http://10.0.0.7:8080/a" }
      const error = await failure(() => createOAuth2(insecure))
      assert.deepStrictEqual(error.reason, { _tag: "InsecureOrigin", origin: "http://10.0.0.7:8080" })
      assert.include(error.fix, "allowInsecureHttp: true")
      for (const allowed of [
        { ...insecure, allowInsecureHttp: true },
        { ...valid, [option]: "http://localhost:8080" }
      ]) {
        await using keep = createOAuth2(allowed)
        assert.strictEqual(keep.status().state, "empty")
      }
    })
  }

  it("SEC-2: a malformed secret is API_KEY_MALFORMED, in the words of OAuth2", async () => {
    const error = await failure(() => createOAuth2({ ...valid, client: { id: "app", secret: "two words" } }))
    assert.strictEqual(error.code, "API_KEY_MALFORMED")
    assert.include(error.message, "The client secret (client-secret) contains a space.")
  })

  it("KEY-3: a missing secret is API_KEY_MISSING when a token is needed, in the words of OAuth2", async () => {
    await using keep = createOAuth2({ ...valid, client: { id: "app" } })
    const error = await failure(keep.token())
    assert.strictEqual(error.message, "There is no client secret. Pass one as client.secret.")
  })
})
