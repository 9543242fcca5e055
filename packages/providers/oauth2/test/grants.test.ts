import { assert, describe, it } from "@effect/vitest"
import { createOAuth2, type CreateOAuth2Options, type OAuth2Grant } from "@tokenkeep/oauth2"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { failure } from "./support/failure.ts"
import { startHandMade } from "./support/startHandMade.ts"

const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"

const secret = "s3cr3t-2f6c1d8e7b3a4950"

const clientOf = (url: string, grant: OAuth2Grant, options: Partial<CreateOAuth2Options> = {}) =>
  createOAuth2({ baseUrl: url, tokenEndpoint: `${url}/token`, client: { id: "app", secret }, grant, ...options })

describe("the parameters of a token request", () => {
  it("of client credentials are the grant type, the scope, the resources, the audience and extra parameters", async () => {
    await using server = await startHandMade()
    await using keep = clientOf(
      server.url,
      { type: "client_credentials", scope: "read write" },
      {
        resource: ["https://a.example.test/", "https://b.example.test/"],
        audience: "orders",
        parameters: { organization: "acme & co" }
      }
    )
    await keep.token()
    const [{ body, headers, method } = assert.fail()] = server.tokenRequests()
    assert.deepStrictEqual(
      [...body].toSorted(([a], [b]) => a.localeCompare(b)),
      [
        ["audience", "orders"],
        ["grant_type", "client_credentials"],
        ["organization", "acme & co"],
        ["resource", "https://a.example.test/"],
        ["resource", "https://b.example.test/"],
        ["scope", "read write"]
      ]
    )
    assert.strictEqual(method, "POST")
    assert.include(headers["content-type"], "application/x-www-form-urlencoded")
    assert.strictEqual(headers.authorization, `Basic ${btoa(`app:${secret}`)}`)
  })

  it("of client_secret_basic are form-encoded, and characters that need no escape have none", async () => {
    await using server = await startHandMade()
    const client = { id: "5f0e-41:a_b.c", secret: "s3cr3t:2f6c+1d8e/7b3a=4950-x_y.z" }
    await using keep = clientOf(server.url, { type: "client_credentials" }, { client })
    await keep.token()
    const [{ headers } = assert.fail()] = server.tokenRequests()
    const sent = "5f0e-41%3Aa_b.c:s3cr3t%3A2f6c%2B1d8e%2F7b3a%3D4950-x_y.z"
    assert.strictEqual(headers.authorization, `Basic ${btoa(sent)}`)
  })

  it("of another grant may come from a function, which is called before every token request", async () => {
    await using server = await startHandMade()
    let calls = 0
    const parameters = async () => ({ assertion: `a.b.${(calls += 1)}` })
    await using keep = clientOf(server.url, { type: jwtBearer, parameters })
    await keep.reject(await keep.token())
    await keep.token()
    assert.deepStrictEqual(
      server.tokenRequests().map(({ body }) => [body.get("grant_type"), body.get("assertion")]),
      [
        [jwtBearer, "a.b.1"],
        [jwtBearer, "a.b.2"]
      ]
    )
  })

  it("SEC-1: if the function fails, nothing is sent, and its error is not shown", async () => {
    await using server = await startHandMade()
    for (const [parameters, code] of [
      [() => Promise.reject(new Error(`no ${secret}`)), "CREDENTIAL_SOURCE_FAILED"],
      [() => ({ client_id: "other" }), "CONFIG_INVALID"],
      [() => ({ assertion: 42 }), "CONFIG_INVALID"],
      [() => undefined, "CONFIG_INVALID"]
    ] as ReadonlyArray<readonly [parameters: () => Record<string, string>, code: string]>) {
      await using keep = clientOf(server.url, { type: jwtBearer, parameters })
      const error = await failure(keep.token())
      assert.strictEqual(error.code, code)
      assert.include(error.message, "grant.parameters")
      assert.notInclude(error.message, secret)
    }
    assert.lengthOf(server.received, 0)
  })

  it("a public client sends its id alone", async () => {
    await using server = await startHandMade()
    await using keep = createOAuth2({
      baseUrl: server.url,
      tokenEndpoint: `${server.url}/token`,
      client: { id: "app", method: "none" },
      grant: { type: jwtBearer, parameters: { assertion: "a.b.c" } }
    })
    await keep.token()
    const [{ body, headers } = assert.fail()] = server.tokenRequests()
    assert.isUndefined(headers.authorization)
    assert.strictEqual(body.get("client_id"), "app")
  })
})

describe("KEY-4: clients of a grant whose parameters a function returns", () => {
  const tokensOf = async (grants: ReadonlyArray<OAuth2Grant>): Promise<number> => {
    let issued = 0
    await using server = await startHandMade({
      token: () => ({ body: { access_token: `at-${(issued += 1)}`, token_type: "bearer", expires_in: 60 } })
    })
    await using keeps = new AsyncDisposableStack()
    const storage = MemoryStorage.layer()
    for (const grant of grants) await keeps.use(clientOf(server.url, grant, { storage })).token()
    return issued
  }
  const parameters = () => ({ assertion: "a.b.c" })

  it("share a token if they have the same id", async () => {
    assert.strictEqual(
      await tokensOf([
        { type: jwtBearer, id: "acme", parameters },
        { type: jwtBearer, id: "acme", parameters }
      ]),
      1
    )
  })

  it("never share one without an id, because they may be for two customers", async () => {
    assert.strictEqual(
      await tokensOf([
        { type: jwtBearer, parameters },
        { type: jwtBearer, parameters }
      ]),
      2
    )
  })

  it("never share one with other ids, other types or other parameters", async () => {
    assert.strictEqual(
      await tokensOf([
        { type: jwtBearer, id: "acme", parameters },
        { type: jwtBearer, id: "globex", parameters },
        { type: "urn:example:other", id: "acme", parameters },
        { type: jwtBearer, parameters: { assertion: "a.b.c" } },
        { type: jwtBearer, parameters: { assertion: "a.b.d" } }
      ]),
      5
    )
  })
})

describe("the response of the API", () => {
  const explained = async (status: number, headers: Readonly<Record<string, string>>, body = "") => {
    await using server = await startHandMade({ api: { status, headers, body } })
    await using keep = clientOf(server.url, { type: "client_credentials" })
    return keep.explain(await keep.fetch("/orders"))
  }

  for (const [what, challenge, code] of [
    ["an expired token", 'Bearer error="invalid_token", error_description="The token expired"', "TOKEN_EXPIRED"],
    [
      "an expired token, after another challenge",
      'Basic realm="a, Bearer", Bearer error=invalid_token, error_description="It is \\"expired\\""',
      "TOKEN_EXPIRED"
    ],
    ["an unknown token", 'Bearer error="invalid_token"', "TOKEN_INVALID"],
    ["no token", 'Bearer realm="api"', "TOKEN_INVALID"],
    ["another scheme", 'DPoP error="invalid_token", error_description="expired"', "TOKEN_INVALID"],
    ["nothing", "", "TOKEN_INVALID"]
  ] as const) {
    it(`TOK-6: a 401 that says "${what}" is ${code}`, async () => {
      assert.strictEqual((await explained(401, { "www-authenticate": challenge }))?.code, code)
    })
  }

  it("TOK-6: a 401 may say in its body that the token expired", async () => {
    const body = JSON.stringify({ error: "invalid_token", error_description: "Token is expired" })
    assert.strictEqual((await explained(401, {}, body))?.code, "TOKEN_EXPIRED")
  })

  for (const [what, challenge, words] of [
    [
      "names the scope",
      'Bearer error="insufficient_scope", scope="orders:write admin"',
      'it needs the scope "orders:write admin"'
    ],
    ["names no scope", 'Bearer error="insufficient_scope"', "the token's scope is not sufficient"],
    [
      "names a strange scope",
      `Bearer error="insufficient_scope", scope="<${secret}>"`,
      "the token's scope is not sufficient"
    ],
    ["says nothing", "", "the API does not allow it with this token"]
  ] as const) {
    it(`a 403 that ${what} is FORBIDDEN`, async () => {
      const error = await explained(403, { "www-authenticate": challenge })
      assert.strictEqual(error?.code, "FORBIDDEN")
      assert.include(error?.message, words)
      assert.notInclude(error?.message, secret)
    })
  }
})
