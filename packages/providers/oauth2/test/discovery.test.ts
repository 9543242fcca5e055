import { assert, describe, it } from "@effect/vitest"
import { createOAuth2, type CreateOAuth2Options } from "@tokenkeep/oauth2"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { failure } from "./support/failure.ts"
import { type Reply, startHandMade } from "./support/startHandMade.ts"

const secret = "s3cr3t-2f6c1d8e7b3a4950"

const clientOf = (url: string, options: Partial<CreateOAuth2Options> = {}) =>
  createOAuth2({
    baseUrl: url,
    issuer: url,
    client: { id: "app", secret },
    grant: { type: "client_credentials" },
    tokenRequest: { tries: 1 },
    ...options
  })

describe("SEC-1: the origin of a token endpoint on plain http", () => {
  it("is not shown if it contains a part of the client secret", async () => {
    await using server = await startHandMade({
      discovery: (_, url) => ({ body: { issuer: url, token_endpoint: `http://${secret}.evil.test/token` } })
    })
    await using keep = clientOf(server.url)
    const error = await failure(keep.token())
    assert.strictEqual(error.code, "TOKEN_RESPONSE_INVALID")
    assert.include(error.message, "its origin contains a part of the credential")
    assert.notInclude(`${error.message} ${JSON.stringify(error.reason)}`, secret)
  })
})

describe("KEY-1, TOK-10: a discovery document that cannot be used", () => {
  const documents: ReadonlyArray<readonly [what: string, reply: (url: string) => Reply, code: string, words: string]> =
    [
      [
        "of another issuer",
        (url) => ({ body: { issuer: "https://evil.test", token_endpoint: `${url}/token` } }),
        "TOKEN_RESPONSE_INVALID",
        "names another issuer"
      ],
      [
        "of the issuer with another path",
        (url) => ({ body: { issuer: `${url}/tenant`, token_endpoint: `${url}/token` } }),
        "TOKEN_RESPONSE_INVALID",
        "names another issuer"
      ],
      [
        "without an issuer",
        (url) => ({ body: { token_endpoint: `${url}/token` } }),
        "TOKEN_RESPONSE_INVALID",
        "has no issuer"
      ],
      [
        "with an issuer that is no URL",
        (url) => ({ body: { issuer: "evil", token_endpoint: `${url}/token` } }),
        "TOKEN_RESPONSE_INVALID",
        "issuer that is not a URL"
      ],
      ["without an endpoint", (url) => ({ body: { issuer: url } }), "TOKEN_RESPONSE_INVALID", "has no token_endpoint"],
      [
        "whose endpoint is a number",
        (url) => ({ body: { issuer: url, token_endpoint: 42 } }),
        "TOKEN_RESPONSE_INVALID",
        "has no token_endpoint"
      ],
      [
        "whose endpoint is a path",
        (url) => ({ body: { issuer: url, token_endpoint: "/token" } }),
        "TOKEN_RESPONSE_INVALID",
        "has no token_endpoint"
      ],
      [
        "whose endpoint is plain http on another host",
        (url) => ({ body: { issuer: url, token_endpoint: "http://evil.test/token" } }),
        "INSECURE_ORIGIN",
        "evil.test"
      ],
      [
        "whose endpoint is a file",
        (url) => ({ body: { issuer: url, token_endpoint: "file:///token" } }),
        "TOKEN_RESPONSE_INVALID",
        "not a plain https URL"
      ],
      [
        "whose endpoint has a password",
        (url) => ({ body: { issuer: url, token_endpoint: "https://a:b@evil.test/token" } }),
        "TOKEN_RESPONSE_INVALID",
        "not a plain https URL"
      ],
      [
        "that is HTML",
        () => ({ body: "<!doctype html><title>Please log in</title>" }),
        "TOKEN_RESPONSE_INVALID",
        "is not JSON"
      ],
      ["that is an array", () => ({ body: [] }), "TOKEN_RESPONSE_INVALID", "is not a JSON object"],
      [
        "of 2 MiB",
        (url) => ({ body: { issuer: url, token_endpoint: `${url}/token`, x: "x".repeat(2 ** 21) } }),
        "TOKEN_RESPONSE_INVALID",
        "is too large"
      ],
      [
        "that does not exist",
        () => ({ status: 404, body: "not found" }),
        "TOKEN_RESPONSE_INVALID",
        "was not found: the status is 404"
      ],
      [
        "that may not be read",
        () => ({ status: 403, body: "forbidden" }),
        "TOKEN_RESPONSE_INVALID",
        "the status is 403"
      ],
      ["of a server that is down", () => ({ status: 503, body: "" }), "ISSUER_UNAVAILABLE", "the status is 503"],
      ["of a server that is limited", () => ({ status: 429, body: "" }), "RATE_LIMITED", "rate limit"],
      [
        "that is elsewhere",
        () => ({ status: 302, headers: { location: "https://evil.test/" } }),
        "REDIRECT_REFUSED",
        "redirect"
      ]
    ]
  for (const [what, reply, code, words] of documents) {
    it(`one ${what} is ${code}, and the secret is not sent`, async () => {
      await using server = await startHandMade({ discovery: (_, url) => reply(url) })
      await using keep = clientOf(server.url)
      const error = await failure(keep.token())
      assert.strictEqual(error.code, code, error.message)
      assert.include(error.message, words)
      assert.notInclude(error.message, "x".repeat(10))
      for (const { headers, path } of server.received) {
        assert.match(path, /^\/\.well-known\//)
        assert.isUndefined(headers.authorization)
      }
    })
  }
})

describe("KEY-1: where a discovery document may send the secret", () => {
  it("another origin that the issuer names, such as another port of this machine", async () => {
    await using tokens = await startHandMade()
    await using server = await startHandMade({
      discovery: (_, url) => ({ body: { issuer: url, token_endpoint: `${tokens.url}/token?tenant=a` } })
    })
    await using keep = clientOf(server.url)
    await keep.token()
    assert.lengthOf(server.tokenRequests(), 0)
    assert.deepStrictEqual(
      tokens.received.map(({ path }) => path),
      ["/token?tenant=a"]
    )
  })

  /** A world of hosts with https, which are reached through a fetch of the test. */
  const world = (endpoint: string) => {
    const sent: Array<string> = []
    const transport = FetchTransport.layer({
      fetch: async (input, init) => {
        const url = input
        sent.push(`${url} ${new Headers(init?.headers).get("authorization") === null ? "open" : "with the secret"}`)
        return Response.json({
          issuer: "https://login.example.test",
          token_endpoint: endpoint,
          access_token: "at-1",
          token_type: "bearer"
        })
      }
    })
    return { sent, options: { baseUrl: "https://api.example.test", issuer: "https://login.example.test", transport } }
  }

  const discovered = "https://login.example.test/.well-known/openid-configuration open"

  it("another origin with https", async () => {
    const { options, sent } = world("https://tokens.example.test/oauth/token")
    await using keep = clientOf("https://api.example.test", options)
    await keep.token()
    assert.deepStrictEqual(sent, [discovered, "https://tokens.example.test/oauth/token with the secret"])
  })

  for (const endpoint of ["http://127.0.0.1:9000/token", "http://localhost/token", "http://login.example.test/token"]) {
    it(`not ${endpoint}, if the issuer has https`, async () => {
      const { options, sent } = world(endpoint)
      await using keep = clientOf("https://api.example.test", options)
      const error = await failure(keep.token())
      assert.deepStrictEqual(error.reason, { _tag: "InsecureOrigin", origin: new URL(endpoint).origin })
      assert.deepStrictEqual(sent, [discovered])
    })
  }

  it("REQ-4: plain http to another host, with allowInsecureHttp", async () => {
    const { options, sent } = world("http://login.example.test/token")
    await using keep = clientOf("https://api.example.test", { ...options, allowInsecureHttp: true })
    await keep.token()
    assert.deepStrictEqual(sent, [discovered, "http://login.example.test/token with the secret"])
  })
})

describe("a discovery document", () => {
  it("is found where RFC 8414 puts it, too", async () => {
    await using server = await startHandMade({
      discovery: ({ path }, url) =>
        path === "/.well-known/oauth-authorization-server/tenant"
          ? { body: { issuer: `${url}/tenant`, token_endpoint: `${url}/token` } }
          : { status: 404 }
    })
    await using keep = clientOf(server.url, { issuer: `${server.url}/tenant` })
    await keep.token()
    assert.deepStrictEqual(
      server.received.map(({ path }) => path),
      ["/tenant/.well-known/openid-configuration", "/.well-known/oauth-authorization-server/tenant", "/token"]
    )
  })

  it("is found where RFC 8414 puts it, if the other path has a page", async () => {
    await using server = await startHandMade({
      discovery: ({ path }, url) =>
        path === "/.well-known/oauth-authorization-server"
          ? { body: { issuer: url, token_endpoint: `${url}/token` } }
          : { body: "<!doctype html><title>Welcome</title>" }
    })
    await using keep = clientOf(server.url)
    await keep.token()
    assert.lengthOf(server.tokenRequests(), 1)
  })

  it("KEY-2: with status 429 is not asked for again before Retry-After", async () => {
    await using server = await startHandMade({ discovery: { status: 429, headers: { "retry-after": "60" } } })
    await using keep = clientOf(server.url, { tokenRequest: { tries: 3 } })
    const before = Date.now()
    const error = await failure(keep.token())
    assert.isTrue(error.code === "RATE_LIMITED" && error.retryAt >= before + 60_000, error.message)
    assert.strictEqual((await failure(keep.token())).message, error.message)
    assert.lengthOf(server.received, 1)
  })

  it("is read after a rate limit that is short", async () => {
    let replies = 0
    await using server = await startHandMade({
      discovery: (_, url) =>
        (replies += 1) === 1
          ? { status: 429, headers: { "retry-after": "0" } }
          : { body: { issuer: url, token_endpoint: `${url}/token` } }
    })
    await using keep = clientOf(server.url, { tokenRequest: { tries: 3 } })
    await keep.token()
    assert.strictEqual(replies, 2)
  })

  it("is read again after the endpoint has moved", async () => {
    let path = "/token-old"
    await using server = await startHandMade({
      discovery: (_, url) => ({ body: { issuer: url, token_endpoint: `${url}${path}` } }),
      token: (received) =>
        received.path === path ? { body: { access_token: `at-${path}`, token_type: "bearer" } } : { status: 404 }
    })
    await using keep = clientOf(server.url)
    const first = await keep.token()
    await keep.reject(first)
    path = "/token-new"
    assert.strictEqual((await failure(keep.token())).code, "TOKEN_RESPONSE_INVALID")
    assert.strictEqual((await keep.token()).reveal(), "at-/token-new")
  })

  it("chooses client_secret_post for a server that supports nothing else", async () => {
    await using server = await startHandMade({
      discovery: (_, url) => ({
        body: {
          issuer: url,
          token_endpoint: `${url}/token`,
          token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"]
        }
      })
    })
    await using keep = clientOf(server.url)
    await keep.token()
    const [{ body, headers } = assert.fail()] = server.tokenRequests()
    assert.isUndefined(headers.authorization)
    assert.strictEqual(body.get("client_secret"), secret)
  })
})
