import { assert, describe, it } from "@effect/vitest"
import { isTokenkeepError, TokenkeepError, tokenkeepErrorOf } from "../../src/index.ts"

const own = TokenkeepError.of({ _tag: "Disposed" }, { what: "The client was disposed.", fix: "Create a new one." })

/** An error in a number of wrappers, as HTTP libraries add them. */
const wrapped = (error: unknown, times: number): unknown =>
  times === 0 ? error : new Error("Request failed", { cause: wrapped(error, times - 1) })

describe("tokenkeepErrorOf", () => {
  it("finds the error itself, and the first one among its causes", () => {
    assert.strictEqual(tokenkeepErrorOf(own), own)
    for (const times of [1, 2, 15]) assert.strictEqual(tokenkeepErrorOf(wrapped(own, times)), own)
    const outer = TokenkeepError.of({ _tag: "TransportFailed" }, { what: "Failed.", fix: "Retry.", cause: own })
    assert.strictEqual(tokenkeepErrorOf(wrapped(outer, 1)), outer)
  })

  it("looks at causes of objects that are no errors", () => {
    assert.strictEqual(tokenkeepErrorOf({ cause: { cause: own } }), own)
  })

  it("finds nothing in other values", () => {
    for (const value of [undefined, null, 0, "DISPOSED", Symbol("x"), new Error("other"), wrapped("text", 2), {}]) {
      assert.isUndefined(tokenkeepErrorOf(value))
    }
  })

  it("ends if causes form a cycle", () => {
    const self = new Error("self")
    self.cause = self
    assert.isUndefined(tokenkeepErrorOf(self))
    const first = new Error("first")
    first.cause = new Error("second", { cause: first })
    assert.isUndefined(tokenkeepErrorOf(first))
  })

  it("does not throw for values that throw when they are looked at", () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const getter = {
      get cause() {
        throw new Error("no cause")
      }
    }
    for (const value of [proxy, getter, wrapped(proxy, 1)]) assert.isUndefined(tokenkeepErrorOf(value))
    assert.isFalse(isTokenkeepError(proxy))
  })
})
