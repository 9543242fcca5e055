import { assert, describe, it } from "@effect/vitest"
import { createOAuth2 } from "@tokenkeep/oauth2"
import { failure } from "./support/failure.ts"
import { issued, type Reply, startHandMade } from "./support/startHandMade.ts"

const clientOf = (url: string) =>
  createOAuth2({
    baseUrl: url,
    tokenEndpoint: `${url}/token`,
    client: { id: "app", secret: "s3cr3t-2f6c1d8e7b3a4950" },
    grant: { type: "client_credentials" },
    tokenRequest: { tries: 1 }
  })

const idToken = "eyJhbGciOiJub25lIn0.eyJpYXQiOjEsImV4cCI6Mn0."

describe("TOK-9, TOK-10: a token response that can be used", () => {
  const responses: ReadonlyArray<readonly [what: string, more: object, lifetime: number | undefined]> = [
    ["as documented", {}, 3_600_000],
    ["with the lifetime in a string", { expires_in: "60" }, 60_000],
    ["with a fraction of a second", { expires_in: 60.5 }, 60_500],
    ["without a lifetime", { expires_in: undefined }, undefined],
    ["with a lifetime of zero, which is implausible", { expires_in: 0 }, undefined],
    ["with a huge lifetime, which is implausible", { expires_in: 1e300 }, undefined],
    ["whose type is in capitals", { token_type: "BEARER" }, 3_600_000],
    ["with an id_token that expired long ago", { id_token: idToken }, 3_600_000],
    ["with a refresh token, which client credentials do not need", { refresh_token: "rt-1" }, 3_600_000],
    ["whose scope is null", { scope: null }, 3_600_000],
    ["whose refresh token is null", { refresh_token: null }, 3_600_000],
    ["whose lifetime is null", { expires_in: null }, undefined],
    ["with an empty error", { error: "" }, 3_600_000]
  ]
  for (const [what, more, lifetime] of responses) {
    it(what, async () => {
      await using server = await startHandMade({ token: { body: { ...issued, ...more } } })
      await using keep = clientOf(server.url)
      const token = await keep.token()
      assert.strictEqual(token.reveal(), issued.access_token)
      assert.strictEqual(token.expiresAt, lifetime === undefined ? undefined : token.issuedAt + lifetime)
    })
  }
})

describe("TOK-10, KEY-2: a token response that cannot be used", () => {
  const html = "<!doctype html><title>Please log in</title>"
  const responses: ReadonlyArray<readonly [what: string, reply: Reply, code: string, words: string]> = [
    ["a lifetime that is a word", { body: { ...issued, expires_in: "soon" } }, "TOKEN_RESPONSE_INVALID", "expires_in"],
    ["a negative lifetime", { body: { ...issued, expires_in: -1 } }, "TOKEN_RESPONSE_INVALID", "expires_in"],
    ["a lifetime that is an object", { body: { ...issued, expires_in: {} } }, "TOKEN_RESPONSE_INVALID", "expires_in"],
    ["the type mac", { body: { ...issued, token_type: "mac" } }, "TOKEN_RESPONSE_INVALID", "token_type"],
    ["the type DPoP", { body: { ...issued, token_type: "DPoP" } }, "TOKEN_RESPONSE_INVALID", "token_type"],
    ["no type", { body: { ...issued, token_type: undefined } }, "TOKEN_RESPONSE_INVALID", "token_type"],
    ["no token", { body: { token_type: "bearer" } }, "TOKEN_RESPONSE_INVALID", "access_token"],
    ["a token that is a number", { body: { ...issued, access_token: 42 } }, "TOKEN_RESPONSE_INVALID", "access_token"],
    [
      "a token with a space",
      { body: { ...issued, access_token: "a b" } },
      "TOKEN_RESPONSE_INVALID",
      "contains a space"
    ],
    ["a scope that is a list", { body: { ...issued, scope: ["read"] } }, "TOKEN_RESPONSE_INVALID", "scope"],
    ["HTML", { body: html }, "TOKEN_RESPONSE_INVALID", "not a JSON object"],
    ["an array", { body: [issued] }, "TOKEN_RESPONSE_INVALID", "not a JSON object"],
    ["an empty body", {}, "TOKEN_RESPONSE_INVALID", "not a JSON object"],
    ["2 MiB", { body: { ...issued, x: "x".repeat(2 ** 21) } }, "TOKEN_RESPONSE_INVALID", "larger than"],
    ["another status", { status: 201, body: issued }, "TOKEN_RESPONSE_INVALID", "status 201"],
    ["status 404", { status: 404, body: html }, "TOKEN_RESPONSE_INVALID", "status 404"],
    ["a redirect", { status: 307, headers: { location: "https://evil.test/token" } }, "REDIRECT_REFUSED", "redirect"],
    ["status 503", { status: 503, body: issued }, "ISSUER_UNAVAILABLE", "503"],
    ["status 429", { status: 429, headers: { "retry-after": "60" } }, "RATE_LIMITED", "rate limit"],
    [
      "the error temporarily_unavailable",
      { status: 400, body: { error: "temporarily_unavailable" } },
      "ISSUER_UNAVAILABLE",
      "400"
    ],
    [
      "the error invalid_request",
      { status: 400, body: { error: "invalid_request" } },
      "TOKEN_RESPONSE_INVALID",
      "the error invalid_request"
    ],
    [
      "the error invalid_grant with status 200",
      { body: { error: "invalid_grant" } },
      "TOKEN_RESPONSE_INVALID",
      "the error invalid_grant, with status 200"
    ],
    [
      "an error that is a sentence",
      { status: 400, body: { error: "Key s3cr3t-x is wrong" } },
      "TOKEN_RESPONSE_INVALID",
      "another error"
    ],
    [
      "an error that could repeat what was sent",
      { status: 400, body: { error: "correcthorsebattery" } },
      "TOKEN_RESPONSE_INVALID",
      "is another error, with status 400"
    ],
    [
      "invalid_client with status 200, next to a token",
      { body: { ...issued, error: "invalid_client" } },
      "CLIENT_REJECTED",
      "invalid_client, status 200"
    ],
    [
      "invalid_client that a challenge accompanies",
      { status: 401, headers: { "www-authenticate": "Basic" }, body: { error: "invalid_client" } },
      "CLIENT_REJECTED",
      "invalid_client, status 401"
    ],
    [
      "unauthorized_client",
      { status: 400, body: { error: "unauthorized_client" } },
      "CLIENT_REJECTED",
      "may not use this grant"
    ],
    ["access_denied", { status: 403, body: { error: "access_denied" } }, "CLIENT_REJECTED", "may not get such a token"],
    ["a login page with status 401", { status: 401, body: html }, "CLIENT_REJECTED", "not with an OAuth2 error"],
    [
      "an unknown error with status 403",
      { status: 403, body: { error: "blocked" } },
      "CLIENT_REJECTED",
      "not with an OAuth2 error"
    ],
    ["invalid_scope", { status: 400, body: { error: "invalid_scope" } }, "SCOPE_REJECTED", "the scope"],
    ["invalid_target", { status: 400, body: { error: "invalid_target" } }, "SCOPE_REJECTED", "the resource"]
  ]
  for (const [what, reply, code, words] of responses) {
    it(`with ${what} is ${code}`, async () => {
      await using server = await startHandMade({ token: reply })
      await using keep = clientOf(server.url)
      const error = await failure(keep.fetch("/orders"))
      assert.strictEqual(error.code, code, error.message)
      assert.include(error.message, words)
      assert.lengthOf(server.tokenRequests(), 1)
    })
  }
})
