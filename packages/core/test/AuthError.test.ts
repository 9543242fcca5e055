import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { inspect } from "node:util"
import { runInNewContext } from "node:vm"
import * as Effect from "effect/Effect"
import { AuthError, type AuthErrorCode, authErrorCodes, type AuthErrorReason, isAuthError } from "../src/index.ts"

const retryAt = 1_800_000_000_000

/** The taxonomy, written down a second time: a changed code or a changed meaning breaks users. */
const taxonomy: ReadonlyArray<readonly [reason: AuthErrorReason, code: AuthErrorCode, retryable: boolean]> = [
  [{ _tag: "ApiKeyMissing" }, "API_KEY_MISSING", false],
  [{ _tag: "ApiKeyMalformed" }, "API_KEY_MALFORMED", false],
  [{ _tag: "ApiKeyRejected", retryAt }, "API_KEY_REJECTED", false],
  [{ _tag: "ApiKeySourceFailed" }, "API_KEY_SOURCE_FAILED", true],
  [{ _tag: "ApiKeyMisused" }, "API_KEY_MISUSED", false],
  [{ _tag: "TokenExpired" }, "TOKEN_EXPIRED", true],
  [{ _tag: "TokenInvalid" }, "TOKEN_INVALID", false],
  [{ _tag: "TokenMissing" }, "TOKEN_MISSING", false],
  [{ _tag: "Forbidden" }, "FORBIDDEN", false],
  [{ _tag: "RateLimited", retryAt, limit: 10, remaining: 0, endpoint: "/events" }, "RATE_LIMITED", true],
  [{ _tag: "IssueBudgetExceeded", retryAt }, "ISSUE_BUDGET_EXCEEDED", true],
  [{ _tag: "IssuerUnavailable" }, "ISSUER_UNAVAILABLE", true],
  [{ _tag: "IssueResponseInvalid" }, "ISSUE_RESPONSE_INVALID", false],
  [{ _tag: "OriginNotAllowed", origin: "https://evil.test" }, "ORIGIN_NOT_ALLOWED", false],
  [{ _tag: "RedirectRefused", from: "https://a.test", to: "http://b.test" }, "REDIRECT_REFUSED", false],
  [{ _tag: "InsecureOrigin", origin: "http://a.test" }, "INSECURE_ORIGIN", false],
  [{ _tag: "TransportFailed" }, "TRANSPORT_FAILED", true],
  [{ _tag: "ResponseInvalid", path: "$.results[3].id" }, "RESPONSE_INVALID", false],
  [{ _tag: "ApiError", status: 404 }, "API_ERROR", false],
  [{ _tag: "StorageFailed", operation: "load" }, "STORAGE_FAILED", true],
  [{ _tag: "LeaseTimeout", owner: "7f3a" }, "LEASE_TIMEOUT", true],
  [{ _tag: "StorageInsecure" }, "STORAGE_INSECURE", false],
  [{ _tag: "ConfigInvalid", option: "issue.tries" }, "CONFIG_INVALID", false],
  [{ _tag: "Disposed" }, "DISPOSED", false]
]

const said = { what: "The thing broke.", fix: "Mend it." }

describe("the taxonomy", () => {
  for (const [reason, code, retryable] of taxonomy) {
    it(`${reason._tag} is ${code}, which ${retryable ? "can" : "cannot"} be retried`, () => {
      const error = AuthError.of(reason, said)
      assert.strictEqual(error.code, code)
      assert.strictEqual(error.reason, reason)
      assert.strictEqual(error.retryable, retryable)
      assert.strictEqual(error.message, "The thing broke. Mend it.")
      assert.strictEqual(error.fix, "Mend it.")
      assert.strictEqual(error.docs, `@tokenkeep/core/docs/errors.md#${code}`)
      assert.strictEqual(error.retryAt, "retryAt" in reason ? retryAt : undefined)
    })
  }

  it("API_ERROR can be retried by its status: the server's own trouble, a timeout, a limit", () => {
    const retryable = (status: number) => AuthError.of({ _tag: "ApiError", status }, said).retryable
    const statuses = [
      200, 204, 301, 304, 400, 401, 404, 405, 408, 409, 410, 418, 422, 425, 429, 500, 501, 503, 504, 599
    ]
    assert.deepStrictEqual(statuses.filter(retryable), [408, 429, 500, 501, 503, 504, 599])
  })

  it("has no code beside these", () => {
    assert.deepStrictEqual(
      authErrorCodes,
      taxonomy.map(([, code]) => code)
    )
  })

  it("and the headings of docs/errors.md are the same codes, each once", () => {
    const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8")
    const headings = Array.from(page.matchAll(/^## `?([A-Z][A-Z_]+)`?$/gm), ([, code]) => code)
    assert.sameMembers(headings, [...authErrorCodes])
  })
})

const limited = AuthError.of(
  { _tag: "RateLimited", retryAt, limit: 10, remaining: 0, endpoint: "/events" },
  { ...said, cause: { name: "TypeError", code: "ECONNRESET" } }
)

describe("an AuthError as an error", () => {
  it("is an Error with its name, a stack and its cause", () => {
    assert.instanceOf(limited, Error)
    assert.strictEqual(limited.name, "AuthError")
    assert.strictEqual(String(limited), "AuthError: The thing broke. Mend it.")
    assert.match(limited.stack ?? "", /AuthError\.test\.ts/)
    assert.deepStrictEqual(limited.cause, { name: "TypeError", code: "ECONNRESET" })
    assert.isFalse("cause" in AuthError.of({ _tag: "Disposed" }, said))
    assert.isFalse("retryAt" in AuthError.of({ _tag: "Disposed" }, said))
  })

  it("prints name, code, message, fix, docs and the time of the next try, each once", () => {
    const lines = inspect(limited).split("\n")
    assert.deepStrictEqual(lines.slice(0, 4), [
      "AuthError [RATE_LIMITED]: The thing broke.",
      "  fix:  Mend it.",
      "  docs: @tokenkeep/core/docs/errors.md#RATE_LIMITED",
      "  retry at: 2027-01-15T08:00:00.000Z"
    ])
    assert.isAbove(lines.length, 4)
    for (const frame of lines.slice(4)) assert.match(frame, /^\s+at /)
    assert.strictEqual(inspect({ limited }).split("The thing broke.").length, 2)
  })

  it("prints without a failure of its own whatever its instant is", () => {
    for (const hostile of [NaN, Infinity, -Infinity, 8.64e15 + 1]) {
      const error = AuthError.of({ _tag: "RateLimited", retryAt: hostile, endpoint: "/" }, said)
      assert.match(inspect(error), /^AuthError \[RATE_LIMITED\]: The thing broke\./)
    }
  })

  it("keeps its message whole when there is no fix", () => {
    assert.match(
      inspect(AuthError.of({ _tag: "Disposed" }, { what: "It broke.", fix: "" })),
      /^AuthError \[DISPOSED\]: It broke\.\n/
    )
  })

  it("becomes JSON of its documented fields and nothing else", () => {
    assert.deepStrictEqual(JSON.parse(JSON.stringify(limited)), {
      _tag: "AuthError",
      "~tokenkeep/AuthError": true,
      code: "RATE_LIMITED",
      reason: { _tag: "RateLimited", retryAt, limit: 10, remaining: 0, endpoint: "/events" },
      message: "The thing broke. Mend it.",
      fix: "Mend it.",
      docs: "@tokenkeep/core/docs/errors.md#RATE_LIMITED",
      retryable: true,
      retryAt,
      cause: { name: "TypeError", code: "ECONNRESET" }
    })
  })

  it("prints code and message when it crashes a process", async () => {
    const module = new URL("../src/AuthError.ts", import.meta.url).href
    const program = `
      import { AuthError } from ${JSON.stringify(module)}
      throw AuthError.of({ _tag: "ApiKeyMissing" }, { what: "There is no key.", fix: "Pass one." })
    `
    const { promise, resolve } = Promise.withResolvers<{ code: unknown; stderr: string }>()
    execFile(process.execPath, ["--input-type=module", "--eval", program], (error, _, stderr) =>
      resolve({ code: error?.code, stderr })
    )
    const { code, stderr } = await promise
    assert.strictEqual(code, 1)
    assert.match(stderr, /API_KEY_MISSING/)
    assert.match(stderr, /There is no key\. Pass one\./)
  })
})

describe("an AuthError as a tagged error", () => {
  it.effect("is narrowed by Effect.catchReason", () =>
    Effect.gen(function* () {
      const at = yield* Effect.fail(limited).pipe(
        Effect.catchReason("AuthError", "RateLimited", (reason) => Effect.succeed(reason.retryAt))
      )
      assert.strictEqual(at, retryAt)
      const other = yield* Effect.fail(limited).pipe(
        Effect.catchReason("AuthError", "Disposed", () => Effect.die("wrong reason")),
        Effect.flip
      )
      assert.strictEqual(other, limited)
    })
  )

  it.effect("is narrowed by Effect.catchTag, and can be yielded", () =>
    Effect.gen(function* () {
      const code = yield* limited.pipe(Effect.catchTag("AuthError", (error) => Effect.succeed(error.code)))
      assert.strictEqual(code, "RATE_LIMITED")
    })
  )
})

describe("isAuthError", () => {
  it("knows one of this copy, and nothing else", () => {
    assert.isTrue(isAuthError(limited))
    const others = [
      undefined,
      null,
      0,
      "AuthError",
      new Error("x"),
      { _tag: "AuthError" },
      { name: "AuthError" },
      () => limited
    ]
    for (const other of others) assert.isFalse(isAuthError(other))
  })

  it("knows one of a second copy of this package, which instanceof does not", async () => {
    const specifier = "../src/AuthError.ts?copy"
    const copy = (await import(/* @vite-ignore */ specifier)) as { AuthError: typeof AuthError }
    assert.notStrictEqual(copy.AuthError, AuthError)
    const error: unknown = copy.AuthError.of({ _tag: "Disposed" }, said)
    assert.isFalse(error instanceof AuthError)
    assert.isTrue(isAuthError(error))
  })

  it("knows one of another realm", () => {
    const error: unknown = runInNewContext(`Object.assign(new Error("x"), { "~tokenkeep/AuthError": true })`)
    assert.isFalse(error instanceof Error)
    assert.isTrue(isAuthError(error))
  })
})
