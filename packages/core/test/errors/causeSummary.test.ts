import { assert, describe, it } from "@effect/vitest"
import { inspect } from "node:util"
import { causeSummary } from "../../src/errors/causeSummary.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"

const secret = "sk-live-2f6c1d8e7b3a4950"

describe("SEC-1: the summary of a foreign error", () => {
  it("keeps name, code, method, origin and path, and nothing else", () => {
    const cause = Object.assign(new Error(`connect with ${secret}`), {
      code: "ECONNRESET",
      headers: { authorization: secret }
    })
    const error = Object.assign(new TypeError(`Headers.append: "Bearer ${secret}" is invalid`, { cause }), {
      request: { headers: { authorization: `Bearer ${secret}` } },
      options: { token: secret }
    })
    const copy = causeSummary(error, {
      method: "POST",
      url: `https://user:${secret}@api.example.test/v1/x?key=${secret}#${secret}`
    })
    assert.deepStrictEqual(copy, {
      name: "TypeError",
      code: "ECONNRESET",
      method: "POST",
      url: "https://api.example.test/v1/x"
    })
    assertNoSecrets(inspect(copy, { showHidden: true, depth: Infinity }), [secret])
  })

  it("has only the fields that are known", () => {
    assert.deepStrictEqual(causeSummary(new RangeError("x")), { name: "RangeError" })
    assert.deepStrictEqual(causeSummary(new DOMException("x", "TimeoutError")), { name: "TimeoutError" })
    assert.deepStrictEqual(causeSummary(new Error("x"), { method: "GET" }), { name: "Error", method: "GET" })
  })

  it("is the type of a value that is not an error", () => {
    assert.deepStrictEqual(causeSummary(secret), { name: "string" })
    assert.deepStrictEqual(causeSummary(undefined), { name: "undefined" })
    assert.deepStrictEqual(causeSummary(null), { name: "object" })
    assert.deepStrictEqual(causeSummary({ message: secret, name: secret }), { name: "object" })
  })

  it("keeps a code only if it looks like an identifier", () => {
    for (const code of [`Bearer ${secret}`, secret, "", "a b", 42, null, { toString: () => secret }]) {
      assert.deepStrictEqual(causeSummary(Object.assign(new Error("x"), { code })), { name: "Error" })
    }
    const outer = Object.assign(new Error("x", { cause: { code: "ERR_TLS" } }), { code: 42 })
    assert.strictEqual(causeSummary(outer).code, "ERR_TLS")
  })

  it("keeps a name only if it looks like an identifier", () => {
    const named = Object.assign(new Error("x"), { name: `Error for Bearer ${secret}` })
    assert.deepStrictEqual(causeSummary(named), { name: "Error" })
  })

  it("ends if an error is its own cause", () => {
    const error = new Error("x")
    error.cause = { cause: error }
    assert.deepStrictEqual(causeSummary(error), { name: "Error" })
  })
})
