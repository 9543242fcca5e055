import { assert, describe, it } from "@effect/vitest"
import { generateKeyPairSync } from "node:crypto"
import { createOAuth2, type PrivateKey } from "@tokenkeep/oauth2"
import { failure } from "./support/failure.ts"
import { startHandMade } from "./support/startHandMade.ts"
import { startStrictIssuer } from "./support/startStrictIssuer.ts"

const hour = 3_600

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
const jwk = { ...(privateKey.export({ format: "jwk" }) as PrivateKey & object), kid: "first" }

const clientOf = (url: string, key: PrivateKey = jwk) =>
  createOAuth2({
    baseUrl: url,
    issuer: url,
    client: { id: "signer", privateKey: key },
    grant: { type: "client_credentials" },
    tokenRequest: { tries: 1 }
  })

describe("assertions of private_key_jwt", () => {
  it("have the issuer as audience, the client as issuer and subject, an id of their own, and the key's id", async () => {
    await using server = await startStrictIssuer(publicKey)
    await using keep = clientOf(server.url)
    await keep.reject(await keep.token())
    await keep.token()
    const [first, second] = server.assertions
    assert.deepInclude(first, { alg: "ES256", kid: "first", aud: server.url, iss: "signer", sub: "signer" })
    assert.strictEqual(Number(first?.["exp"]) - Number(first?.["iat"]), 60)
    assert.notStrictEqual(first?.["jti"], second?.["jti"])
  })

  it("have the configured issuer as audience, exactly as it is written, or else the token endpoint", async () => {
    await using server = await startStrictIssuer(publicKey)
    for (const [issuer, audience] of [
      ["https://login.example.test", "https://login.example.test"],
      ["https://login.example.test/", "https://login.example.test/"],
      [undefined, `${server.url}/token`]
    ]) {
      await using keep = createOAuth2({
        baseUrl: server.url,
        issuer,
        tokenEndpoint: `${server.url}/token`,
        client: { id: "signer", privateKey: jwk },
        grant: { type: "client_credentials" }
      })
      await keep.token()
      assert.strictEqual(server.assertions.at(-1)?.["aud"], audience)
    }
  })

  for (const [what, offset] of [
    ["an hour ahead", hour],
    ["an hour behind", -hour],
    ["three seconds behind", -3]
  ] as const) {
    it(`TOK-9: if the server's clock is ${what}, the assertion is signed once more with its time, and then always`, async () => {
      await using server = await startStrictIssuer(publicKey, { offset })
      await using keep = clientOf(server.url)
      await keep.reject(await keep.token())
      await keep.token()
      assert.lengthOf(server.assertions, 3)
    })
  }

  it("KEY-2: if the clocks agree, a rejected assertion is not sent again", async () => {
    await using server = await startStrictIssuer(publicKey)
    const { privateKey: other } = generateKeyPairSync("ec", { namedCurve: "P-256" })
    await using keep = clientOf(server.url, other.export({ format: "jwk" }) as PrivateKey)
    assert.strictEqual((await failure(keep.token())).code, "CLIENT_REJECTED")
    assert.lengthOf(server.assertions, 1)
  })

  it("KEY-2: if the server's clock is off and the key is wrong, two assertions are sent, and then none", async () => {
    await using server = await startStrictIssuer(publicKey, { offset: hour })
    const { privateKey: other } = generateKeyPairSync("ec", { namedCurve: "P-256" })
    await using keep = clientOf(server.url, other.export({ format: "jwk" }) as PrivateKey)
    const error = await failure(keep.token())
    assert.strictEqual(error.code, "CLIENT_REJECTED")
    assert.strictEqual((await failure(keep.token())).message, error.message)
    assert.lengthOf(server.assertions, 2)
  })

  for (const [what, date] of [
    ["the year 9999", "Fri, 31 Dec 9999 23:59:59 GMT"],
    ["two days ahead", new Date(Date.now() + 48 * hour * 1_000).toUTCString()],
    ["no date of HTTP", new Date(Date.now() + hour * 1_000).toISOString()]
  ] as const) {
    it(`TOK-9: if the server says that the time is ${what}, nothing is signed with that`, async () => {
      await using server = await startHandMade({
        token: { status: 401, headers: { date }, body: { error: "invalid_client" } }
      })
      await using keep = clientOf(server.url)
      assert.strictEqual((await failure(keep.token())).code, "CLIENT_REJECTED")
      assert.lengthOf(server.tokenRequests(), 1)
    })
  }

  it("if the server does not say its time, a rejected assertion is CLIENT_REJECTED", async () => {
    await using server = await startStrictIssuer(publicKey, { offset: hour, tellsTime: false })
    await using keep = clientOf(server.url)
    assert.strictEqual((await failure(keep.token())).code, "CLIENT_REJECTED")
    assert.lengthOf(server.assertions, 1)
  })
})
