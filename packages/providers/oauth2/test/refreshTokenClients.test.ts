import { assert, describe, it } from "@effect/vitest"
import { generateKeyPairSync } from "node:crypto"
import { createOAuth2, type CreateOAuth2Options, type PrivateKey } from "@tokenkeep/oauth2"
import { startRefreshIssuer } from "oauth2-issuer"
import { failure } from "./support/failure.ts"
import { issued } from "./support/startHandMade.ts"
import { startStrictIssuer } from "./support/startStrictIssuer.ts"

type Jwk = Required<Pick<JsonWebKey, "kty" | "crv" | "x" | "y" | "d">>

const keyPair = (kid: string) => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const jwkOf = (key: typeof privateKey) => ({ ...(key.export({ format: "jwk" }) as Jwk), kid })
  return { publicKey, privateJwk: jwkOf(privateKey), publicJwk: jwkOf(publicKey) }
}

const own = keyPair("first")
const stranger = keyPair("first")

const clientOf = (
  urls: Pick<CreateOAuth2Options, "baseUrl" | "issuer">,
  refreshToken: string,
  privateKey: () => PrivateKey
) =>
  createOAuth2({
    ...urls,
    client: { id: "signer", privateKey },
    grant: { type: "refresh_token", id: "acme", refreshToken, allowVolatile: true },
    tokenRequest: { tries: 1 }
  })

const { d: _, ...withoutPrivatePart } = own.privateJwk

const unfit: ReadonlyArray<readonly [what: string, key: PrivateKey]> = [
  ["of a curve that is not that of its kind", { ...own.privateJwk, crv: "Ed25519" }],
  ["whose algorithm is of another kind", { ...own.privateJwk, alg: "RS256" }],
  ["whose parts are of different keys", { ...own.privateJwk, x: stranger.privateJwk.x ?? "" }],
  ["without its private part", withoutPrivatePart],
  ["that is symmetric", { kty: "oct", k: "c2VjcmV0LTJmNmMxZDhlN2IzYTQ5NTA" } as PrivateKey],
  ["that is cut off", JSON.stringify(own.privateJwk).slice(0, -20)]
]

describe("GRANT-1: a refresh token of a client that authenticates with assertions, with oidc-provider", () => {
  for (const [what, key] of unfit) {
    it(`is not sent with a JWK ${what}, and is used once the key is right`, async () => {
      await using issuer = await startRefreshIssuer({ signerKey: own.publicJwk })
      const { refreshToken } = await issuer.consent("user", "signer")
      let current = key
      await using keep = clientOf({ baseUrl: issuer.api, issuer: issuer.issuer }, refreshToken, () => current)
      const error = await failure(keep.fetch("/orders"))
      assert.strictEqual(error.code, "CONFIG_INVALID", error.message)
      assert.include(error.message, "client.privateKey")
      assert.deepStrictEqual(issuer.events, [])
      current = own.privateJwk
      assert.strictEqual((await keep.fetch("/orders")).status, 200)
      assert.deepStrictEqual(issuer.events, ["exchanged"])
      assert.strictEqual(keep.status().grant?.generation, 1)
    })
  }

  it("stays as it is if the server rejects the key, and is used once the key is right", async () => {
    await using issuer = await startRefreshIssuer({ signerKey: own.publicJwk })
    const { refreshToken } = await issuer.consent("user", "signer")
    let current = stranger.privateJwk
    await using keep = clientOf({ baseUrl: issuer.api, issuer: issuer.issuer }, refreshToken, () => current)
    assert.strictEqual((await failure(keep.fetch("/orders"))).code, "CLIENT_REJECTED")
    assert.deepInclude(keep.status().grant, { state: "ok", generation: 0 })
    current = own.privateJwk
    keep.retryKey()
    assert.strictEqual((await keep.fetch("/orders")).status, 200)
    assert.strictEqual(issuer.rotations(), 1)
    assert.notInclude(issuer.events, "revoked")
  })
})

/** A server that replaces a refresh token at each use, and accepts each of them once. */
const rotating = () => {
  let current = "rt-0"
  const used: Array<string> = []
  return {
    used,
    respond: ({ body }: { readonly body: URLSearchParams }) => {
      const sent = body.get("refresh_token") ?? ""
      used.push(sent)
      if (sent !== current) return { status: 400, body: { error: "invalid_grant" } }
      current = `rt-${used.length}`
      return { body: { ...issued, refresh_token: current } }
    }
  }
}

const hour = 3_600

describe("TOK-9: a refresh token, and a server whose clock is off", () => {
  for (const [what, offset] of [
    ["an hour ahead", hour],
    ["an hour behind", -hour]
  ] as const) {
    it(`is sent once more after a rejected assertion if the clock is ${what}, and is used once`, async () => {
      const { respond, used } = rotating()
      await using server = await startStrictIssuer(own.publicKey, { offset, respond })
      await using keep = clientOf({ baseUrl: server.url, issuer: server.url }, "rt-0", () => own.privateJwk)
      await keep.reject(await keep.token())
      await keep.token()
      assert.deepStrictEqual(used, ["rt-0", "rt-1"])
      assert.lengthOf(server.assertions, 3)
      assert.deepInclude(keep.status().grant, { state: "ok", generation: 2 })
    })

    it(`stays as it is if the server does not say that its clock is ${what}, and is used once it is right`, async () => {
      const { respond, used } = rotating()
      await using server = await startStrictIssuer(own.publicKey, { offset, respond, tellsTime: false })
      await using keep = clientOf({ baseUrl: server.url, issuer: server.url }, "rt-0", () => own.privateJwk)
      assert.strictEqual((await failure(keep.token())).code, "CLIENT_REJECTED")
      assert.deepInclude(keep.status().grant, { state: "ok", generation: 0 })
      server.clock.offset = 0
      keep.retryKey()
      await keep.token()
      assert.deepStrictEqual(used, ["rt-0"])
    })
  }
})
