import { assert, describe, it } from "@effect/vitest"
import { assertNoSecrets } from "../../src/testing/index.ts"

const secret = 'sk+live/2f6c1d"8e7b'
const long = "sk-live-2f6c1d8e+>/?7b3a49"
const base64 = Buffer.from(secret).toString("base64")

const messageOf = (text: string, secrets: ReadonlyArray<string>): string => {
  try {
    assertNoSecrets(text, secrets)
  } catch (error) {
    if (error instanceof Error) return error.message
  }
  return "nothing"
}

describe("SEC-3: assertNoSecrets", () => {
  it("finds a secret in clear, URL-encoded, escaped as JSON and in base64, and reports where", () => {
    assert.strictEqual(messageOf(`key ${secret}`, [secret]), "Secret 1 of 1 is printed in clear, at character 4.")
    const url = `/x?key=${encodeURIComponent(secret)}`
    assert.strictEqual(messageOf(url, [secret]), "Secret 1 of 1 is printed URL-encoded, at character 7.")
    assert.strictEqual(
      messageOf(JSON.stringify({ a: secret }), [secret]),
      "Secret 1 of 1 is printed as JSON, at character 6."
    )
    assert.strictEqual(messageOf(`Basic ${base64}`, [secret]), "Secret 1 of 1 is printed in base64, at character 6.")
    assert.include(messageOf(base64.replace(/=+$/, ""), [secret]), "in base64")
  })

  it("finds a secret outside ASCII in base64 as well", () => {
    assert.include(messageOf(Buffer.from("geheimnis-\u00e4").toString("base64"), ["geheimnis-\u00e4"]), "in base64")
  })

  it("checks each secret, names the one that it found by its position, and never quotes it", () => {
    const message = messageOf(`a ${secret} b`, ["other-secret", secret])
    assert.match(message, /^Secret 2 of 2 /)
    assert.notInclude(message, secret)
  })

  const forms: ReadonlyArray<readonly [what: string, of: (text: string) => string, how: string]> = [
    ["as it is", (text) => text, "in clear"],
    ["in upper case", (text) => text.toUpperCase(), "in clear"],
    ["URL-encoded in full", (text) => Buffer.from(text).toString("hex").replaceAll(/../g, "%$&"), "URL-encoded"],
    [
      "escaped as JSON in full",
      (text) => text.replaceAll(/./g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`),
      "as JSON"
    ],
    ["in base64", (text) => Buffer.from(text).toString("base64"), "in base64"],
    ["in base64 after one more byte", (text) => Buffer.from(`:${text}`).toString("base64"), "in base64"],
    ["in base64 after two more bytes", (text) => Buffer.from(`::${text}`).toString("base64"), "in base64"],
    ["in base64url, within a word", (text) => `x${Buffer.from(`{"a":"${text}"}`).toString("base64url")}`, "in base64"]
  ]
  for (const [what, of, how] of forms) {
    it(`finds a secret, its first 8 and its last 8 characters: ${what}`, () => {
      for (const part of [long, "2f6c1d8e", "/?7b3a49"]) {
        assert.include(messageOf(`<${of(part)}>`, [long]), `is printed ${how}`, part)
      }
    })
  }

  it("accepts a string without a secret, or with a short part of one, or with its public prefix", () => {
    assertNoSecrets("<redacted:api-key> sk-live- 2f6c1d8 ?7b3a49", [long])
    assertNoSecrets(`2f6c1d`, ["sk-live-2f6c1d-8e"])
    assertNoSecrets("", [secret])
    assertNoSecrets("anything", [])
  })

  it("rejects a secret that is too short, so that no test passes by mistake", () => {
    assert.throws(() => assertNoSecrets("", ["abc"]), TypeError, "Secret 1 of 1 is shorter than 4 characters.")
    assert.throws(() => assertNoSecrets("", [secret, ""]), TypeError, "Secret 2 of 2")
    assertNoSecrets("", ["abcd"])
  })
})
