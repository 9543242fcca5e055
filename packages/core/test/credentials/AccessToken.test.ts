import { assert, describe, it } from "@effect/vitest"
import { AccessToken } from "../../src/index.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { printed } from "../support/printed.ts"

const text = "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.2f6c1d"

describe("an access token", () => {
  it("shows when it was issued, when it expires, and the source of its lifetime", () => {
    const token = AccessToken.make(text, { id: "7f3a", issuedAt: 1_000, expiresAt: 61_000 })
    const { id, issuedAt, expiresAt, lifetimeSource } = token
    assert.deepStrictEqual(
      { id, issuedAt, expiresAt, lifetimeSource },
      { id: "7f3a", issuedAt: 1_000, expiresAt: 61_000, lifetimeSource: "declared" }
    )
    assert.strictEqual(token.reveal(), text)
  })

  it("has no expiresAt and an unknown source if its lifetime is unknown", () => {
    const token = AccessToken.make(text, { issuedAt: 0, expiresAt: undefined })
    assert.strictEqual(token.lifetimeSource, "unknown")
    assert.isFalse("expiresAt" in token)
  })

  it("TOK-4: has a random id of 128 bits that reveals nothing about its value", () => {
    const ids = Array.from({ length: 1_000 }, () => AccessToken.make(text, { issuedAt: 0 }).id)
    assert.strictEqual(new Set(ids).size, 1_000)
    for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/)
  })

  it("SEC-1: does not print in any common way, and shows its id instead", () => {
    const token = AccessToken.make(text, { id: "7f3a", issuedAt: 0 })
    assertNoSecrets(printed(token), [text])
    assert.strictEqual(String(token), "<redacted:access-token 7f3a>")
    assert.strictEqual(JSON.stringify({ token }), '{"token":"<redacted:access-token 7f3a>"}')
    assert.include(printed(token), "[ <redacted:access-token 7f3a> ]")
  })

  const malformed: ReadonlyArray<readonly [what: string, text: string, defect: string]> = [
    ["empty", "", "is empty"],
    ["blank", "\u00a0 ", "is blank"],
    ["with a space", `${text} x`, "contains a space"],
    ["with a line break", `${text}\r\n`, "contains a control character (a line break, a tab or NUL)"],
    ["with a character outside ASCII", `${text}\u00e4`, "contains a character outside ASCII"],
    ["over 8 KiB", text.padEnd(8193, "x"), "is longer than 8192 bytes"],
    ["no string", undefined as unknown as string, "is not a string"]
  ]
  for (const [what, unfitText, defect] of malformed) {
    it(`SEC-2: ${what} is rejected, and the error does not contain it`, () => {
      assert.strictEqual(AccessToken.defect(unfitText), defect)
      try {
        AccessToken.make(unfitText, { issuedAt: 0 })
        assert.fail("The token was accepted.")
      } catch (error) {
        assert.instanceOf(error, TypeError)
        assert.strictEqual(error.message, `The access token ${defect}.`)
      }
    })
  }

  it("SEC-2: of exactly 8 KiB is accepted", () => {
    assert.isUndefined(AccessToken.defect("t".repeat(8192)))
  })
})
