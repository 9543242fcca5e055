import { assert, describe, it } from "@effect/vitest"
import { inspect } from "node:util"
import { strippedCause } from "../src/internal/strippedCause.ts"
import { assertNoSecrets } from "../src/testing/index.ts"

const secret = "sk-live-2f6c1d8e7b3a4950"

describe("SEC-1: the copy of a foreign error", () => {
  it("keeps name, code, method, origin and path, and nothing else", () => {
    const cause = Object.assign(new Error(`connect with ${secret}`), {
      code: "ECONNRESET",
      headers: { authorization: secret }
    })
    const error = Object.assign(new TypeError(`Headers.append: "Bearer ${secret}" is invalid`, { cause }), {
      request: { headers: { authorization: `Bearer ${secret}` } },
      options: { token: secret }
    })
    const copy = strippedCause(error, {
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

  it("has only the fields there is something for", () => {
    assert.deepStrictEqual(strippedCause(new RangeError("x")), { name: "RangeError" })
    assert.deepStrictEqual(strippedCause(new DOMException("x", "TimeoutError")), { name: "TimeoutError" })
    assert.deepStrictEqual(strippedCause(new Error("x"), { method: "GET" }), { name: "Error", method: "GET" })
  })

  it("of something that is no error is its type, whatever it held", () => {
    assert.deepStrictEqual(strippedCause(secret), { name: "string" })
    assert.deepStrictEqual(strippedCause(undefined), { name: "undefined" })
    assert.deepStrictEqual(strippedCause(null), { name: "object" })
    assert.deepStrictEqual(strippedCause({ message: secret, name: secret }), { name: "object" })
  })

  it("takes a code for one only when it looks like one", () => {
    for (const code of [`Bearer ${secret}`, secret, "", "a b", 42, null, { toString: () => secret }]) {
      assert.deepStrictEqual(strippedCause(Object.assign(new Error("x"), { code })), { name: "Error" })
    }
    const outer = Object.assign(new Error("x", { cause: { code: "ERR_TLS" } }), { code: 42 })
    assert.strictEqual(strippedCause(outer).code, "ERR_TLS")
  })

  it("takes a name for one only when it looks like one", () => {
    const named = Object.assign(new Error("x"), { name: `Error for Bearer ${secret}` })
    assert.deepStrictEqual(strippedCause(named), { name: "Error" })
  })

  it("comes to an end when an error is its own cause", () => {
    const error = new Error("x")
    error.cause = { cause: error }
    assert.deepStrictEqual(strippedCause(error), { name: "Error" })
  })
})
