import { assert, describe, it } from "@effect/vitest"
import { type OAuthClientProvider, UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import {
  StreamableHTTPClientTransport,
  type StreamableHTTPClientTransportOptions,
  StreamableHTTPError
} from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import { InvalidGrantError } from "@modelcontextprotocol/sdk/server/auth/errors.js"
import type { OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js"
import { createOAuth2, type CreateOAuth2Options, isTokenkeepError, type OAuth2Client } from "@tokenkeep/oauth2"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { type RefreshIssuer, secret, startRefreshIssuer } from "oauth2-issuer"
import { failure } from "./support/failure.ts"
import { type McpTestServer, startMcpServer } from "./support/startMcpServer.ts"

const redirectUrl = "https://app.example.test/callback"

/** Clients that share one grant, as processes with one storage do. */
const createShared = (
  { issuer }: RefreshIssuer,
  { url }: McpTestServer,
  refreshToken: string | undefined,
  more: Partial<CreateOAuth2Options> = {}
) => {
  const storage = MemoryStorage.layer()
  return () =>
    createOAuth2({
      baseUrl: url.href,
      issuer,
      client: { id: "app", secret },
      grant: { type: "refresh_token", id: "acme", refreshToken, allowVolatile: true },
      storage,
      ...more
    })
}

const connect = async (url: URL, options: StreamableHTTPClientTransportOptions) => {
  const transport = new StreamableHTTPClientTransport(url, options)
  const client = new Client({ name: "test", version: "1.0.0" })
  await client.connect(transport)
  return {
    total: async () => (await client.callTool({ name: "total" })).content,
    [Symbol.asyncDispose]: () => client.close()
  }
}

const total = [{ type: "text", text: "3 orders" }]

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => assert.fail("It did not fail."),
    (thrown: unknown) => thrown
  )

/** What an application implements for the SDK, except for the tokens. */
const startSignIn = (issuer: string) => {
  const opened: Array<URL> = []
  let verifier = ""
  return {
    /** The pages to which the user was sent. */
    opened,
    pages: {
      redirectUrl,
      clientMetadata: { redirect_uris: [redirectUrl], scope: "read offline_access" },
      clientInformation: () => ({ client_id: "app", client_secret: secret, issuer }),
      redirectToAuthorization: (url: URL) => void opened.push(url),
      saveCodeVerifier: (created: string) => {
        verifier = created
      },
      codeVerifier: () => verifier
    }
  }
}

const needsSignIn = (error: unknown): boolean => isTokenkeepError(error) && error.code.startsWith("GRANT_")

/** An `OAuthClientProvider` over a grant: the SDK gets access tokens, and never the refresh token. */
const providerOf = (keep: OAuth2Client, pages: ReturnType<typeof startSignIn>["pages"]): OAuthClientProvider => ({
  ...pages,
  tokens: async () => {
    try {
      return { access_token: (await keep.token()).reveal(), token_type: "Bearer" }
    } catch (error) {
      if (needsSignIn(error)) return undefined
      throw error
    }
  },
  saveTokens: ({ refresh_token = "" }) => keep.replaceGrant(refresh_token)
})

/** Renews and repeats after a 401. The requests of a sign-in, and those without a token, are sent as they are. */
const fetchOf = (keep: OAuth2Client, { url: mcp }: McpTestServer) => {
  const authorized = keep.fetchWith({ ownAuthorization: "replace" })
  return (url: string | URL, init?: RequestInit) =>
    String(url) === mcp.href && new Headers(init?.headers).has("authorization")
      ? authorized(url, init)
      : fetch(url, init)
}

/** The server has seen each refresh token once. */
const assertNoReuse = ({ events, uses }: RefreshIssuer) => {
  assert.notInclude(events, "rejected")
  assert.notInclude(events, "revoked")
  assert.lengthOf(new Set(uses.map(({ token }) => token)), uses.length)
}

describe("the MCP SDK with a client's fetch", () => {
  it("GRANT-1: clients of one grant renew once when the server refuses the access token", async () => {
    await using issuer = await startRefreshIssuer()
    await using server = await startMcpServer(issuer)
    const create = createShared(issuer, server, (await issuer.consent()).refreshToken)
    await using first = create()
    await using second = create()
    await using one = await connect(server.url, { fetch: first.fetch })
    await using two = await connect(server.url, { fetch: second.fetch })
    assert.strictEqual(issuer.rotations(), 1)
    for (let times = 2; times <= 4; times += 1) {
      server.revoke((await first.token()).reveal())
      assert.deepStrictEqual(await Promise.all([one.total(), two.total()]), [total, total])
      assert.strictEqual(issuer.rotations(), times)
    }
    assertNoReuse(issuer)
  })

  it("GRANT-4: a call fails with the reason when the consent is withdrawn", async () => {
    await using issuer = await startRefreshIssuer()
    await using server = await startMcpServer(issuer)
    const { grantId, refreshToken } = await issuer.consent()
    await using keep = createShared(issuer, server, refreshToken)()
    await using client = await connect(server.url, { fetch: keep.fetch })
    await issuer.withdraw(grantId)
    server.revoke((await keep.token()).reveal())
    assert.strictEqual((await failure(client.total())).code, "GRANT_REJECTED")
  })

  it("REQ-1: a call fails with the 401 when the server refuses the renewed access token, too", async () => {
    await using issuer = await startRefreshIssuer()
    await using server = await startMcpServer(issuer)
    await using keep = createShared(issuer, server, (await issuer.consent()).refreshToken)()
    await using client = await connect(server.url, { fetch: keep.fetch })
    server.refuseAll()
    const error = await errorOf(client.total())
    assert.instanceOf(error, StreamableHTTPError)
    assert.strictEqual(error.code, 401)
    assert.isAbove(issuer.rotations(), 1)
  })
})

describe("the MCP SDK with an OAuthClientProvider over a grant", () => {
  it("GRANT-4: signs the user in, for all clients of the grant, and again when the consent is withdrawn", async () => {
    await using issuer = await startRefreshIssuer()
    await using server = await startMcpServer(issuer)
    const create = createShared(issuer, server, undefined, { resource: server.url.href })
    await using keep = create()
    await using other = create()
    assert.strictEqual((await failure(connect(server.url, { fetch: other.fetch }))).code, "GRANT_MISSING")

    const { opened, pages } = startSignIn(issuer.issuer)
    const options = { authProvider: providerOf(keep, pages), fetch: fetchOf(keep, server) }
    const signIn = async () => {
      const transport = new StreamableHTTPClientTransport(server.url, options)
      const client = new Client({ name: "test", version: "1.0.0" })
      assert.instanceOf(await errorOf(client.connect(transport)), UnauthorizedError)
      const { code, grantId } = await issuer.authorize(opened.at(-1) ?? assert.fail("The user was sent nowhere."))
      await transport.finishAuth(code)
      return grantId
    }
    const grantId = await signIn()
    await using client = await connect(server.url, options)
    await using worker = await connect(server.url, { fetch: other.fetch })
    assert.deepStrictEqual(await Promise.all([client.total(), worker.total()]), [total, total])
    assert.strictEqual(issuer.rotations(), 1)

    // The client renews, and the user notices nothing.
    server.revoke((await keep.token()).reveal())
    assert.deepStrictEqual(await Promise.all([client.total(), worker.total()]), [total, total])
    assert.lengthOf(opened, 1)
    assert.strictEqual(issuer.rotations(), 2)
    assertNoReuse(issuer)

    await issuer.withdraw(grantId)
    server.revoke((await keep.token()).reveal())
    assert.strictEqual((await failure(client.total())).code, "GRANT_REJECTED")
    await signIn()
    assert.lengthOf(opened, 2)
    assert.deepStrictEqual(await Promise.all([client.total(), worker.total()]), [total, total])
  })

  it("sends the user to sign in when the server refuses the renewed access token, too", async () => {
    await using issuer = await startRefreshIssuer()
    await using server = await startMcpServer(issuer)
    await using keep = createShared(issuer, server, (await issuer.consent()).refreshToken)()
    const { opened, pages } = startSignIn(issuer.issuer)
    const options = { authProvider: providerOf(keep, pages), fetch: fetchOf(keep, server) }
    await using client = await connect(server.url, options)
    server.refuseAll()
    assert.instanceOf(await errorOf(client.total()), UnauthorizedError)
    assert.isAbove(issuer.rotations(), 1)
    assert.lengthOf(opened, 1)
  })

  it("fails to save a sign-in without a refresh token", async () => {
    await using issuer = await startRefreshIssuer()
    await using server = await startMcpServer(issuer)
    await using keep = createShared(issuer, server, undefined)()
    const provider = providerOf(keep, startSignIn(issuer.issuer).pages)
    const error = await failure(async () => provider.saveTokens({ access_token: "at-1", token_type: "Bearer" }))
    assert.strictEqual(error.code, "API_KEY_MALFORMED")
    assert.include(error.message, "The refresh token (refresh-token) is empty.")
  })

  it("without the client's fetch, a refused access token sends the user to sign in", async () => {
    await using issuer = await startRefreshIssuer()
    await using server = await startMcpServer(issuer)
    await using keep = createShared(issuer, server, (await issuer.consent()).refreshToken)()
    const { opened, pages } = startSignIn(issuer.issuer)
    await using client = await connect(server.url, { authProvider: providerOf(keep, pages) })
    assert.deepStrictEqual(await client.total(), total)
    server.revoke((await keep.token()).reveal())
    assert.instanceOf(await errorOf(client.total()), UnauthorizedError)
    assert.lengthOf(opened, 1)
    assert.strictEqual(keep.status().grant?.state, "ok")
    assert.strictEqual(issuer.rotations(), 1)
    assertNoReuse(issuer)
  })
})

describe("the MCP SDK on its own", () => {
  it("sends one refresh token from two processes, and the server ends the consent", async () => {
    await using issuer = await startRefreshIssuer()
    await using server = await startMcpServer(issuer)
    const { grantId, refreshToken } = await issuer.consent()
    const { pages } = startSignIn(issuer.issuer)
    const connectWith = (refresh_token: string) => {
      let tokens: OAuthTokens = { access_token: "expired", token_type: "Bearer", refresh_token, issuer: issuer.issuer }
      const authProvider: OAuthClientProvider = {
        ...pages,
        tokens: () => tokens,
        saveTokens: (saved) => {
          tokens = saved
        },
        // The consent of this test is not for one resource.
        validateResourceURL: async () => undefined
      }
      return connect(server.url, { authProvider })
    }
    await using first = await connectWith(refreshToken)
    assert.deepStrictEqual(await first.total(), total)
    assert.instanceOf(await errorOf(connectWith(refreshToken)), InvalidGrantError)
    assert.isTrue(issuer.isRevoked(grantId))
    assert.instanceOf(await errorOf(first.total()), InvalidGrantError)
  })
})
