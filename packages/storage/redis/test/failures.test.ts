import { runInNewContext, runInThisContext } from "node:vm"
import { describe, expect, it } from "vitest"
import { failure, replyCode } from "../src/failures.ts"

/** An error of another realm, as a test runner has one, is no instance of `Error`. */
const foreign = (expression: string): unknown => runInNewContext(expression)

describe("an error of another realm", () => {
  it.each([
    ['new Error("WRONGPASS invalid username-password pair")', "Error WRONGPASS", false],
    ['new Error("ERR invalid password")', "ERR invalid password", false],
    ["new Error(\"ERR unknown command 'eval'\")", "ERR unknown command", false],
    ['new Error("Connection is closed.")', "Connection is closed", undefined],
    [
      'class SocketClosedUnexpectedlyError extends Error {}; new SocketClosedUnexpectedlyError("x")',
      "SocketClosedUnexpectedlyError",
      undefined
    ],
    ['Object.assign(new Error("x"), { name: "MaxRetriesPerRequestError" })', "MaxRetriesPerRequestError", undefined],
    [
      'new Error("x", { cause: Object.assign(new Error("y"), { code: "ECONNREFUSED" }) })',
      "Error ECONNREFUSED",
      undefined
    ],
    ['new Error("a-secret")', "Error", undefined]
  ])("SEC-1: is described as one of this realm: %s", (expression, detail, retryable) => {
    for (const error of [foreign(expression), runInThisContext(expression) as unknown]) {
      expect(failure("load")(error)).toMatchObject({ operation: "load", detail })
      expect(failure("load")(error).retryable).toBe(retryable)
    }
  })

  it("has the code of its reply", () => {
    expect(replyCode(foreign('new Error("READONLY You can\'t write against a read only replica.")'))).toBe("READONLY")
    expect(replyCode(foreign('new Error("ERR The user executing the script can\'t run this command")'))).toBe("NOPERM")
    for (const none of ["undefined", "null", '"ERR text"', "({ message: 5 })", 'new Error("")']) {
      expect(replyCode(foreign(none))).toBeUndefined()
    }
  })
})
