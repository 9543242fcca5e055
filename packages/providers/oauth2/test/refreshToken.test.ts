import { assert, describe, it } from "@effect/vitest"
import { createOAuth2, type CreateOAuth2Options } from "@tokenkeep/oauth2"
import { MemoryStorage } from "@tokenkeep/storage-memory"
import { type RefreshIssuer, secret, startRefreshIssuer } from "oauth2-issuer"
import { failure } from "./support/failure.ts"
import { issued, startHandMade } from "./support/startHandMade.ts"

const clientOf = (
  { api, issuer }: RefreshIssuer,
  refreshToken: string | undefined,
  more: Partial<CreateOAuth2Options> = {},
  grant: { readonly grace?: number } = {}
) =>
  createOAuth2({
    baseUrl: api,
    issuer,
    client: { id: "app", secret },
    grant: { type: "refresh_token", id: "acme", refreshToken, allowVolatile: true, ...grant },
    ...more
  })

/** Requests a new access token, which needs a refresh token. */
const renew = async (keep: ReturnType<typeof clientOf>) => {
  await keep.reject(await keep.token())
  return (await keep.fetch("/orders")).status
}

describe("a refresh token that each use replaces, with oidc-provider", () => {
  it("GRANT-1: is exchanged once for many requests, and its successor is used next", async () => {
    await using issuer = await startRefreshIssuer()
    const { refreshToken } = await issuer.consent()
    await using keep = clientOf(issuer, refreshToken)
    const responses = await Promise.all([1, 2, 3].map(() => keep.fetch("/orders")))
    assert.deepStrictEqual(
      responses.map(({ status }) => status),
      [200, 200, 200]
    )
    assert.deepStrictEqual(issuer.events, ["exchanged"])
    for (let times = 0; times < 3; times += 1) assert.strictEqual(await renew(keep), 200)
    assert.strictEqual(issuer.rotations(), 4)
    assert.lengthOf(new Set(issuer.uses.map(({ token }) => token)), 4)
    const { generation, id, state } = keep.status().grant ?? assert.fail("There is no grant.")
    assert.deepStrictEqual([id, state, generation], ["acme", "ok", 4])
  })

  it("GRANT-2: a client that starts with the used one continues with the stored one", async () => {
    await using issuer = await startRefreshIssuer()
    const { refreshToken } = await issuer.consent()
    const storage = MemoryStorage.layer()
    for (let start = 0; start < 3; start += 1) {
      await using keep = clientOf(issuer, refreshToken, { storage })
      assert.strictEqual(await renew(keep), 200)
    }
    assert.notInclude(issuer.events, "rejected")
  })

  it("GRANT-4: ends when the consent is withdrawn, and continues with a new one for all clients", async () => {
    await using issuer = await startRefreshIssuer()
    const { grantId, refreshToken } = await issuer.consent()
    const storage = MemoryStorage.layer()
    await using first = clientOf(issuer, refreshToken, { storage })
    await using second = clientOf(issuer, undefined, { storage })
    assert.strictEqual((await first.fetch("/orders")).status, 200)
    await issuer.withdraw(grantId)
    await first.reject(await first.token())
    const error = await failure(first.fetch("/orders"))
    assert.strictEqual(error.code, "GRANT_REJECTED")
    assert.include(error.message, '"acme"')
    const again = await failure(second.reject(await second.token()).then(() => second.fetch("/orders")))
    assert.strictEqual(again.code, "GRANT_REJECTED")
    assert.deepStrictEqual(issuer.events.filter((event) => event === "rejected").length, 1)
    assert.strictEqual(second.status().grant?.state, "rejected")
    await second.replaceGrant((await issuer.consent()).refreshToken)
    assert.strictEqual((await first.fetch("/orders")).status, 200)
    assert.strictEqual((await second.fetch("/orders")).status, 200)
  })

  it("GRANT-5: is missing", async () => {
    await using issuer = await startRefreshIssuer()
    await using keep = clientOf(issuer, undefined)
    const error = await failure(keep.fetch("/orders"))
    assert.strictEqual(error.code, "GRANT_MISSING")
    assert.deepStrictEqual(issuer.events, [])
  })

  it("GRANT-3: is lost with the response on a strict server, and the error says so", async () => {
    await using issuer = await startRefreshIssuer()
    const { refreshToken } = await issuer.consent()
    await using keep = clientOf(issuer, refreshToken, { tokenRequest: { deadline: 300 } })
    issuer.loseNextResponses(1)
    assert.strictEqual((await failure(keep.fetch("/orders"))).code, "ISSUER_UNAVAILABLE")
    assert.strictEqual(keep.status().grant?.state, "exchanging")
    const error = await failure(keep.fetch("/orders"))
    assert.strictEqual(error.code, "GRANT_LOST")
    assert.deepStrictEqual(issuer.events, ["exchanged", "revoked", "rejected"])
  })

  it("GRANT-3: is not lost with the response on a server with a grace period", async () => {
    await using issuer = await startRefreshIssuer({ grace: 60_000 })
    const { refreshToken } = await issuer.consent()
    await using keep = clientOf(issuer, refreshToken, { tokenRequest: { deadline: 300 } }, { grace: 60_000 })
    issuer.loseNextResponses(1)
    assert.strictEqual((await failure(keep.fetch("/orders"))).code, "ISSUER_UNAVAILABLE")
    assert.strictEqual((await keep.fetch("/orders")).status, 200)
    assert.strictEqual(keep.status().grant?.generation, 1)
  })

  it("GRANT-1: the next one of a response with another status than 200 is saved", async () => {
    await using server = await startHandMade({
      token: ({ body }) => {
        const refresh_token = `${body.get("refresh_token")}-1`
        return { status: refresh_token === "rt-1" ? 201 : 200, body: { ...issued, refresh_token } }
      }
    })
    await using keep = createOAuth2({
      baseUrl: server.url,
      tokenEndpoint: `${server.url}/token`,
      client: { id: "app", method: "none" },
      grant: { type: "refresh_token", id: "acme", refreshToken: "rt", allowVolatile: true }
    })
    assert.strictEqual((await failure(keep.token())).code, "TOKEN_RESPONSE_INVALID")
    assert.strictEqual((await keep.token()).reveal(), issued.access_token)
    assert.deepStrictEqual(
      server.tokenRequests().map(({ body }) => body.get("refresh_token")),
      ["rt", "rt-1"]
    )
  })
})
