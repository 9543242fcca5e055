import { assert, describe, it, vi } from "@effect/vitest"
import { generateKeyPairSync, type KeyObject } from "node:crypto"
import { inspect } from "node:util"
import { createOAuth2, type CreateOAuth2Options, type PrivateKey } from "@tokenkeep/oauth2"
import { assertNoSecrets } from "@tokenkeep/core/testing"
import * as Effect from "effect/Effect"
import { failure } from "./support/failure.ts"
import { issued, type Received, startHandMade } from "./support/startHandMade.ts"

type KeySource = CreateOAuth2Options["client"]["privateKey"]

const clientOf = (url: string, privateKey: KeySource) =>
  createOAuth2({
    baseUrl: url,
    tokenEndpoint: `${url}/token`,
    client: { id: "signer", method: "private_key_jwt", privateKey },
    grant: { type: "client_credentials" }
  })

const ec = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve }).privateKey
const rsa = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength }).privateKey
const ed25519 = generateKeyPairSync("ed25519").privateKey
const p256 = ec("P-256")
const rsa2048 = rsa(2048)

const pem = (key: KeyObject, type: "pkcs8" | "sec1" | "pkcs1" = "pkcs8") =>
  key.export({ format: "pem", type } as { format: "pem"; type: "pkcs8" })
const jwk = (key: KeyObject) => key.export({ format: "jwk" }) as Readonly<Record<string, string>>

const kidOf = ({ body }: Received): unknown => {
  const [header = ""] = (body.get("client_assertion") ?? "").split(".")
  return (JSON.parse(Buffer.from(header, "base64url").toString()) as { readonly kid?: unknown }).kid
}

const algorithmSent = async (privateKey: KeySource): Promise<unknown> => {
  await using server = await startHandMade()
  await using keep = clientOf(server.url, privateKey)
  await keep.token()
  const [{ body } = assert.fail()] = server.tokenRequests()
  assert.strictEqual(body.get("client_assertion_type"), "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
  const [header = ""] = (body.get("client_assertion") ?? "").split(".")
  return (JSON.parse(Buffer.from(header, "base64url").toString()) as { readonly alg: string }).alg
}

describe("a private key", () => {
  const keys: ReadonlyArray<readonly [what: string, key: KeySource, algorithm: string]> = [
    ["a JWK of P-256", jwk(p256), "ES256"],
    ["a JWK of P-384", jwk(ec("P-384")), "ES384"],
    ["a JWK of Ed25519", jwk(ed25519), "Ed25519"],
    ["a JWK of RSA", jwk(rsa2048), "RS256"],
    ["a JWK of RSA with its algorithm", { ...jwk(rsa2048), alg: "PS384" }, "PS384"],
    ["a JWK as a string", JSON.stringify(jwk(p256)), "ES256"],
    ["PEM of P-256", pem(p256), "ES256"],
    ["PEM of P-384", pem(ec("P-384")), "ES384"],
    ["PEM of P-521", pem(ec("P-521")), "ES512"],
    ["PEM of Ed25519", pem(ed25519), "Ed25519"],
    ["PEM of RSA, with its id", { key: pem(rsa2048), kid: "first" }, "RS256"],
    ["a function", () => jwk(p256), "ES256"],
    ["a function that returns a promise", async () => pem(p256), "ES256"],
    ["an effect", Effect.succeed(jwk(p256)), "ES256"],
    ["two keys", [jwk(p256), jwk(ed25519)], "ES256"]
  ]
  for (const [what, key, algorithm] of keys) {
    it(`may be ${what}`, async () => {
      assert.strictEqual(await algorithmSent(key), algorithm)
    })
  }

  it("TOK-3: has the same public name for all forms of one key, so that they share a token", async () => {
    const forms: ReadonlyArray<PrivateKey> = [jwk(p256), pem(p256), JSON.stringify(jwk(p256))]
    const { importPrivateKey } = await import("../src/client/importPrivateKey.ts")
    const extractable = await crypto.subtle.importKey("jwk", jwk(p256), { name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign"
    ])
    const names = await Promise.all(
      [...forms, extractable].map(async (key) => (await importPrivateKey(key)).fingerprint)
    )
    assert.strictEqual(new Set(names).size, 1)
    assertNoSecrets(names.join(), [jwk(p256)["d"] ?? assert.fail()])
    const other = await importPrivateKey(jwk(ec("P-256")))
    assert.notInclude(names, other.fingerprint)
  })
})

describe("the id of a private key", () => {
  const forms: ReadonlyArray<readonly [what: string, key: PrivateKey]> = [
    ["a JWK", { key: jwk(p256), kid: "2026-11" }],
    ["a JWK that has another id", { key: { ...jwk(p256), kid: "own" }, kid: "2026-11" }],
    ["a JWK as a string that has another id", { key: JSON.stringify({ ...jwk(p256), kid: "own" }), kid: "2026-11" }],
    ["PEM", { key: pem(p256), kid: "2026-11" }]
  ]
  for (const [what, key] of forms) {
    it(`is sent if it is given next to ${what}`, async () => {
      await using server = await startHandMade()
      await using keep = clientOf(server.url, key)
      await keep.token()
      assert.deepStrictEqual(server.tokenRequests().map(kidOf), ["2026-11"])
    })
  }

  const startKnowing = (kid: string) =>
    startHandMade({
      token: (received) =>
        kidOf(received) === kid ? { body: issued } : { status: 401, body: { error: "invalid_client" } }
    })

  it("KEY-2: ends a rejection once it is corrected", async () => {
    await using server = await startKnowing("new")
    let kid = "old"
    await using keep = clientOf(server.url, () => ({ ...jwk(p256), kid }))
    assert.strictEqual((await failure(keep.token())).code, "CLIENT_REJECTED")
    kid = "new"
    // While a rejection is active, a source that waits is called once a second.
    await vi.waitFor(() => keep.token(), { timeout: 240_000, interval: 100 })
    assert.deepStrictEqual(server.tokenRequests().map(kidOf), ["old", "new"])
  })

  it("KEY-3: distinguishes two credentials with one key", async () => {
    await using server = await startKnowing("new")
    await using keep = clientOf(server.url, [
      { ...jwk(p256), kid: "old" },
      { ...jwk(p256), kid: "new" }
    ])
    await keep.token()
    assert.deepStrictEqual(server.tokenRequests().map(kidOf), ["old", "new"])
  })
})

describe("SEC-1, SEC-2: a private key that does not fit is CONFIG_INVALID, which quotes no part of it", () => {
  const { d: _, ...publicJwk } = jwk(p256)
  const encrypted = p256.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "x" })
  const derive = () => crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"])
  const keys: ReadonlyArray<readonly [what: string, key: KeySource, words: string]> = [
    ["a public JWK", publicJwk, "is a public JWK"],
    ["a symmetric JWK", { kty: "oct", k: "c2VjcmV0" } as PrivateKey, "is a symmetric JWK"],
    ["a JWK of another algorithm", { ...jwk(p256), alg: "RS256" }, "do not fit"],
    ["a JWK of an unknown curve", jwk(ec("secp256k1")), "do not fit"],
    ["a JWK for encryption", { ...jwk(p256), use: "enc" }, "cannot be imported"],
    ["a JWK that may only verify", { ...jwk(p256), key_ops: ["verify"] }, "cannot be imported"],
    ["a JWK with parts of two keys", { ...jwk(p256), d: jwk(ed25519)["d"] ?? "", x: "AAAA" }, "cannot be imported"],
    ["a short RSA key", jwk(rsa(1024)), "less than 2048 bits"],
    ["a JWK as a string that is cut", JSON.stringify(jwk(p256)).slice(0, -5), "cannot be imported"],
    ["an empty object", {}, "is a public JWK"],
    ["encrypted PEM", encrypted, "with the label ENCRYPTED PRIVATE KEY"],
    ["PEM of SEC 1", pem(p256, "sec1"), "with the label EC PRIVATE KEY"],
    ["PEM of PKCS #1", pem(rsa2048, "pkcs1"), "with the label RSA PRIVATE KEY"],
    ["PEM of an unknown curve", pem(ec("secp256k1")), "of an unknown algorithm"],
    ["PEM that is cut", pem(p256).replace(/\n.{20}/, "\n"), "cannot be imported"],
    ["a string that is not PEM", "k3y-2f6c1d8e7b3a4950", "is a string, but not PEM"],
    [
      "a JWK whose kid is a number",
      { ...jwk(p256), kid: 7 } as unknown as PrivateKey,
      "has a kid that is not a string"
    ],
    [
      "PEM whose kid is a number",
      { key: pem(p256), kid: 7 } as unknown as PrivateKey,
      "has a kid that is not a string"
    ],
    ["a number", 42 as unknown as PrivateKey, "is not a key"],
    [
      "a public CryptoKey",
      async () => (await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])).publicKey,
      "is a public key"
    ],
    ["a CryptoKey that may not sign", async () => (await derive()).privateKey, "may not sign"]
  ]
  for (const [what, key, words] of keys) {
    it(what, async () => {
      await using server = await startHandMade()
      await using keep = clientOf(server.url, key)
      const error = await failure(keep.token())
      assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: "client.privateKey" })
      assert.include(error.message, words)
      assert.lengthOf(server.received, 0)
      const text =
        typeof key === "string"
          ? key.slice(30, 50)
          : typeof key === "function"
            ? ""
            : JSON.stringify(key ?? "").slice(20, 40)
      if (text !== "") assert.notInclude(inspect(error, { depth: Infinity, showHidden: true }), text)
    })
  }

  it("KEY-3: a source that throws is CREDENTIAL_SOURCE_FAILED, and one without a key is API_KEY_MISSING", async () => {
    const failing = () => {
      throw new Error("s3cr3t-2f6c1d8e7b3a4950")
    }
    for (const [source, code, words] of [
      [failing, "CREDENTIAL_SOURCE_FAILED", "passed as client.privateKey"],
      [() => undefined, "API_KEY_MISSING", "There is no private key. Pass one as client.privateKey."],
      [undefined, "API_KEY_MISSING", "There is no private key."]
    ] as const) {
      await using keep = clientOf("http://127.0.0.1:8", source)
      const error = await failure(keep.token())
      assert.strictEqual(error.code, code)
      assert.include(error.message, words)
      assertNoSecrets(inspect(error, { depth: Infinity }), ["s3cr3t-2f6c1d8e7b3a4950"])
    }
  })
})
