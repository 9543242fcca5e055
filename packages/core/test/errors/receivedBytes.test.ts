import { assert, describe, it } from "@effect/vitest"
import { runInNewContext } from "node:vm"
import { withoutReceivedBytes } from "../../src/errors/receivedBytes.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { printed } from "../support/printed.ts"

const secret = "canary-token-3f8d21"

describe("SEC-1: what a parser could not read", () => {
  for (const [what, fields] of [
    ["undici's error", { name: "HTTPParserError", code: "HPE_INVALID_CONSTANT", data: secret }],
    ["undici's error without a code", { name: "HTTPParserError", code: undefined, data: secret }],
    ["the error of node:http", { code: "HPE_INVALID_CONSTANT", rawPacket: secret }]
  ] as const) {
    for (const realm of ["this realm", "another realm"]) {
      it(`is removed from ${what}, of ${realm}`, () => {
        const make = (message: string): Error =>
          realm === "this realm" ? new Error(message) : runInNewContext(`new Error(${JSON.stringify(message)})`)
        const cause = Object.assign(make("Parse Error"), fields)
        const error = Object.assign(make("fetch failed"), {
          cause: Object.assign(make("other side closed"), { cause })
        })
        assert.strictEqual(withoutReceivedBytes(error), error)
        assertNoSecrets(printed(error), [secret])
        assert.strictEqual(cause.message, "Parse Error")
      })
    }
  }

  it("is looked for in a cycle of causes without an end, and in no other error", () => {
    const error: Error = new Error("fetch failed", { cause: { data: 1, code: "ECONNRESET" } })
    const cycle = Object.assign(new Error("a"), { name: "HTTPParserError", data: secret })
    cycle.cause = cycle
    assert.notProperty(withoutReceivedBytes(cycle), "data")
    assert.deepStrictEqual((withoutReceivedBytes(error) as Error).cause, { data: 1, code: "ECONNRESET" })
    for (const value of [null, undefined, "text", Symbol("x")]) assert.strictEqual(withoutReceivedBytes(value), value)
  })
})
