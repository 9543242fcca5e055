import { assert, describe, it } from "@effect/vitest"
import { createOAuth2, isTokenkeepError } from "@tokenkeep/oauth2"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { postSecret, resource, secret, startIssuer } from "./support/startIssuer.ts"

type Issuer = Awaited<ReturnType<typeof startIssuer>>

const grant = { type: "client_credentials" } as const

const failure = async (promise: Promise<unknown>) => {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown
  )
  if (!isTokenkeepError(error)) throw new Error("It did not fail with a TokenkeepError.", { cause: error })
  return error
}

describe("client credentials with oidc-provider", () => {
  it("TOK-2, KEY-1: discover the token endpoint, fetch one token for all requests, and use it", async () => {
    await using issuer = await startIssuer()
    await using keep = createOAuth2({
      baseUrl: issuer.api,
      issuer: issuer.issuer,
      client: { id: "app", secret },
      grant: { ...grant, scope: "read" }
    })
    const responses = await Promise.all([1, 2, 3].map(() => keep.fetch("/orders")))
    assert.deepStrictEqual(
      responses.map(({ status }) => status),
      [200, 200, 200]
    )
    assert.deepStrictEqual(await responses[0]?.json(), { client: "app", scope: "read" })
    assert.deepStrictEqual(issuer.seen, ["GET /.well-known/openid-configuration", "POST /token"])
    assert.strictEqual(keep.status().token?.lifetimeSource, "declared")
  })

  const clients: ReadonlyArray<
    readonly [what: string, client: (issuer: Issuer) => Parameters<typeof createOAuth2>[0]["client"]]
  > = [
    ["client_secret_basic", () => ({ id: "app", secret, method: "client_secret_basic" })],
    ["client_secret_post", () => ({ id: "poster", secret: postSecret, method: "client_secret_post" })],
    ["private_key_jwt with a JWK", ({ signing }) => ({ id: "signer", privateKey: signing.privateJwk })],
    [
      "private_key_jwt with a JWK in a string",
      ({ signing }) => ({ id: "signer", privateKey: JSON.stringify(signing.privateJwk) })
    ],
    ["private_key_jwt with a CryptoKey", ({ signing }) => ({ id: "signer", privateKey: signing.privateKey })],
    [
      "private_key_jwt with a CryptoKey and its id",
      ({ signing }) => ({ id: "signer", privateKey: { key: signing.privateKey, kid: "first" } })
    ],
    [
      "private_key_jwt with a key from a function",
      ({ signing }) => ({ id: "signer", privateKey: async () => signing.privateJwk })
    ]
  ]
  for (const [what, client] of clients) {
    it(`authenticate with ${what}`, async () => {
      await using issuer = await startIssuer()
      await using keep = createOAuth2({ baseUrl: issuer.api, issuer: issuer.issuer, client: client(issuer), grant })
      assert.strictEqual((await keep.fetch("/orders")).status, 200)
    })
  }

  it("KEY-1: with tokenEndpoint, nothing is discovered", async () => {
    await using issuer = await startIssuer()
    await using keep = createOAuth2({
      baseUrl: issuer.api,
      tokenEndpoint: `${issuer.issuer}/token`,
      client: { id: "app", secret },
      grant
    })
    assert.strictEqual((await keep.fetch("/orders")).status, 200)
    assert.deepStrictEqual(issuer.seen, ["POST /token"])
  })

  it("send resource indicators, and a token is for that resource", async () => {
    await using issuer = await startIssuer()
    await using keep = createOAuth2({
      baseUrl: issuer.api,
      issuer: issuer.issuer,
      client: { id: "app", secret },
      grant: { ...grant, scope: "read" },
      resource
    })
    const token = await keep.token()
    assert.deepInclude(await issuer.find(token.reveal()), { aud: resource })
  })

  it("TOK-4, REQ-1: a token that was revoked is renewed once for all requests, without another discovery", async () => {
    await using issuer = await startIssuer()
    await using keep = createOAuth2({
      baseUrl: issuer.api,
      issuer: issuer.issuer,
      client: { id: "app", secret },
      grant
    })
    await issuer.revoke((await keep.token()).reveal())
    const responses = await Promise.all([1, 2, 3].map(() => keep.fetch("/orders")))
    assert.deepStrictEqual(
      responses.map(({ status }) => status),
      [200, 200, 200]
    )
    assert.strictEqual(issuer.tokenRequests(), 2)
    assert.lengthOf(issuer.seen, 3)
  })

  it("TOK-9: a token of a second is renewed in time", async () => {
    await using issuer = await startIssuer({ lifetime: 2 })
    await using keep = createOAuth2({
      baseUrl: issuer.api,
      issuer: issuer.issuer,
      client: { id: "app", secret },
      grant
    })
    const token = await keep.token()
    assert.strictEqual((token.expiresAt ?? 0) - token.issuedAt, 2_000)
  })
})

describe("KEY-2: what oidc-provider rejects", () => {
  const rejected: ReadonlyArray<
    readonly [what: string, code: string, options: Partial<Parameters<typeof createOAuth2>[0]>, words: string]
  > = [
    [
      "a wrong secret",
      "CLIENT_REJECTED",
      { client: { id: "app", secret: "wr0ng-s3cr3t" } },
      "client app (invalid_client"
    ],
    ["an unknown client", "CLIENT_REJECTED", { client: { id: "unknown", secret } }, "client unknown (invalid_client"],
    ["another method", "CLIENT_REJECTED", { client: { id: "signer", secret } }, "invalid_client"],
    ["an unknown resource", "SCOPE_REJECTED", { resource: "https://other.example.test/" }, "invalid_target"],
    [
      "a scope that the client may not have",
      "SCOPE_REJECTED",
      { client: { id: "poster", secret: postSecret }, grant: { ...grant, scope: "write" } },
      "invalid_scope"
    ],
    ["an unknown grant", "TOKEN_RESPONSE_INVALID", { grant: { type: "urn:example:unknown" } }, "unsupported_grant_type"]
  ]
  for (const [what, code, options, words] of rejected) {
    it(`${what} is ${code}, and is not sent again`, async () => {
      await using issuer = await startIssuer()
      await using keep = createOAuth2({
        baseUrl: issuer.api,
        issuer: issuer.issuer,
        client: { id: "app", secret },
        grant,
        ...options
      })
      const error = await failure(keep.fetch("/orders"))
      assert.strictEqual(error.code, code, error.message)
      assert.include(error.message, words)
      if (code === "TOKEN_RESPONSE_INVALID") return
      assert.strictEqual((await failure(keep.fetch("/orders"))).message, error.message)
      assert.strictEqual(issuer.tokenRequests(), 1)
    })
  }

  it("KEY-3: a rotated secret is used without a restart, and at once", async () => {
    await using issuer = await startIssuer()
    let current = "wr0ng-s3cr3t"
    await using keep = createOAuth2({
      baseUrl: issuer.api,
      issuer: issuer.issuer,
      client: { id: "app", secret: () => current },
      grant
    })
    assert.strictEqual((await failure(keep.fetch("/orders"))).code, "CLIENT_REJECTED")
    assert.strictEqual(keep.status().state, "key-rejected")
    current = secret
    assert.strictEqual((await keep.fetch("/orders")).status, 200)
  })

  it("KEY-3: of two secrets, the second is tried if the first is rejected", async () => {
    await using issuer = await startIssuer()
    await using keep = createOAuth2({
      baseUrl: issuer.api,
      issuer: issuer.issuer,
      client: { id: "app", secret: ["wr0ng-s3cr3t", secret] },
      grant
    })
    assert.strictEqual((await keep.fetch("/orders")).status, 200)
  })

  it("KEY-3: a rotated private key is used without a restart", async () => {
    await using issuer = await startIssuer()
    await using stranger = await startIssuer()
    let current = stranger.signing.privateJwk
    await using keep = createOAuth2({
      baseUrl: issuer.api,
      issuer: issuer.issuer,
      client: { id: "signer", privateKey: () => current },
      grant
    })
    assert.strictEqual((await failure(keep.fetch("/orders"))).code, "CLIENT_REJECTED")
    current = issuer.signing.privateJwk
    // A function that returns a promise is called once a second during a rejection.
    let status: number | undefined
    while (status === undefined) status = (await keep.fetch("/orders").catch(() => undefined))?.status
    assert.strictEqual(status, 200)
    assert.strictEqual(issuer.tokenRequests(), 2)
  })
})

describe("KEY-4: clients that share a storage", () => {
  it("share a token only if everything that it depends on is the same", async () => {
    await using issuer = await startIssuer()
    const storage = MemoryStorage.layer()
    await using keeps = new AsyncDisposableStack()
    const tokenOf = async (options: Partial<Parameters<typeof createOAuth2>[0]>) => {
      const keep = createOAuth2({
        baseUrl: issuer.api,
        issuer: issuer.issuer,
        client: { id: "app", secret },
        grant,
        storage,
        ...options
      })
      keeps.use(keep)
      return (await keep.token()).id
    }
    const first = await tokenOf({})
    assert.strictEqual(await tokenOf({ parameters: {} }), first)
    const others = [
      await tokenOf({ client: { id: "poster", secret: postSecret, method: "client_secret_post" } }),
      await tokenOf({ grant: { ...grant, scope: "read" } }),
      await tokenOf({ grant: { ...grant, scope: "write" } }),
      await tokenOf({ resource }),
      await tokenOf({ audience: "orders" }),
      await tokenOf({ parameters: { organization: "acme" } }),
      await tokenOf({ parameters: { organization: "globex" } }),
      await tokenOf({ issuer: undefined, tokenEndpoint: `${issuer.issuer}/token` })
    ]
    assert.strictEqual(new Set([first, ...others]).size, others.length + 1)
  })
})

describe("REQ-1: what the API rejects", () => {
  it("a missing scope is FORBIDDEN with its name, and renews nothing", async () => {
    await using issuer = await startIssuer()
    await using keep = createOAuth2({
      baseUrl: issuer.api,
      issuer: issuer.issuer,
      client: { id: "app", secret },
      grant: { ...grant, scope: "read" }
    })
    const response = await keep.fetch("/write/orders", { method: "POST" })
    assert.strictEqual(response.status, 403)
    const error = await keep.explain(response)
    assert.strictEqual(error?.code, "FORBIDDEN")
    assert.include(error?.message, 'it needs the scope "write"')
    assert.strictEqual(issuer.tokenRequests(), 1)
  })
})
