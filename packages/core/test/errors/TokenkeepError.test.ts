import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { inspect } from "node:util"
import { runInNewContext } from "node:vm"
import * as Effect from "effect/Effect"
import {
  TokenkeepError,
  type TokenkeepErrorCode,
  tokenkeepErrorCodes,
  type TokenkeepErrorReason,
  isTokenkeepError
} from "../../src/index.ts"

const retryAt = 1_800_000_000_000

/** The error codes, written a second time: a changed code or meaning breaks users. */
const taxonomy: ReadonlyArray<readonly [reason: TokenkeepErrorReason, code: TokenkeepErrorCode, retryable: boolean]> = [
  [{ _tag: "ApiKeyMissing" }, "API_KEY_MISSING", false],
  [{ _tag: "ApiKeyMalformed" }, "API_KEY_MALFORMED", false],
  [{ _tag: "ApiKeyRejected", retryAt }, "API_KEY_REJECTED", false],
  [{ _tag: "ClientRejected", retryAt }, "CLIENT_REJECTED", false],
  [{ _tag: "ScopeRejected", retryAt }, "SCOPE_REJECTED", false],
  [{ _tag: "GrantRejected", at: 1 }, "GRANT_REJECTED", false],
  [{ _tag: "GrantLost", at: 1, owner: "7f3a9c" }, "GRANT_LOST", false],
  [{ _tag: "GrantMissing" }, "GRANT_MISSING", false],
  [{ _tag: "CredentialSourceFailed" }, "CREDENTIAL_SOURCE_FAILED", true],
  [{ _tag: "CredentialMisused" }, "CREDENTIAL_MISUSED", false],
  [{ _tag: "TokenExpired" }, "TOKEN_EXPIRED", true],
  [{ _tag: "TokenInvalid" }, "TOKEN_INVALID", false],
  [{ _tag: "TokenMissing" }, "TOKEN_MISSING", false],
  [{ _tag: "Forbidden" }, "FORBIDDEN", false],
  [{ _tag: "RateLimited", retryAt, limit: 10, remaining: 0, endpoint: "/events" }, "RATE_LIMITED", true],
  [{ _tag: "TokenRequestLimited", retryAt }, "TOKEN_REQUEST_LIMITED", true],
  [{ _tag: "IssuerUnavailable" }, "ISSUER_UNAVAILABLE", true],
  [{ _tag: "TokenResponseInvalid" }, "TOKEN_RESPONSE_INVALID", false],
  [{ _tag: "OriginNotAllowed", origin: "https://evil.test" }, "ORIGIN_NOT_ALLOWED", false],
  [{ _tag: "RedirectRefused", from: "https://a.test", to: "http://b.test" }, "REDIRECT_REFUSED", false],
  [{ _tag: "InsecureOrigin", origin: "http://a.test" }, "INSECURE_ORIGIN", false],
  [{ _tag: "TransportFailed" }, "TRANSPORT_FAILED", true],
  [{ _tag: "ResponseInvalid", path: "$.results[3].id" }, "RESPONSE_INVALID", false],
  [{ _tag: "ApiError", status: 404 }, "API_ERROR", false],
  [{ _tag: "StorageFailed", operation: "load" }, "STORAGE_FAILED", true],
  [{ _tag: "LeaseTimeout", owner: "7f3a" }, "LEASE_TIMEOUT", true],
  [{ _tag: "StorageInsecure" }, "STORAGE_INSECURE", false],
  [{ _tag: "ConfigInvalid", option: "tokenRequest.tries" }, "CONFIG_INVALID", false],
  [{ _tag: "Disposed" }, "DISPOSED", false]
]

const wording = { what: "The thing broke.", fix: "Fix it." }

describe("the taxonomy", () => {
  for (const [reason, code, retryable] of taxonomy) {
    it(`${reason._tag} is ${code}, which ${retryable ? "can" : "cannot"} be retried`, () => {
      const error = TokenkeepError.of(reason, wording)
      assert.strictEqual(error.code, code)
      assert.strictEqual(error.reason, reason)
      assert.strictEqual(error.retryable, retryable)
      assert.strictEqual(error.message, "The thing broke. Fix it.")
      assert.strictEqual(error.fix, "Fix it.")
      assert.strictEqual(error.docs, `@tokenkeep/core/docs/errors.md#${code}`)
      assert.strictEqual(error.retryAt, "retryAt" in reason ? retryAt : undefined)
    })
  }

  it("API_ERROR is retryable depending on its status: 5xx, timeouts and limits", () => {
    const retryable = (status: number) => TokenkeepError.of({ _tag: "ApiError", status }, wording).retryable
    const statuses = [
      200, 204, 301, 304, 400, 401, 404, 405, 408, 409, 410, 418, 422, 425, 429, 500, 501, 503, 504, 599
    ]
    assert.deepStrictEqual(statuses.filter(retryable), [408, 429, 500, 501, 503, 504, 599])
  })

  it("there is no other code", () => {
    assert.deepStrictEqual(
      tokenkeepErrorCodes,
      taxonomy.map(([, code]) => code)
    )
  })

  it("the headings of docs/errors.md are the same codes, each once", () => {
    const page = readFileSync(new URL("../../../../docs/errors.md", import.meta.url), "utf8")
    const headings = Array.from(page.matchAll(/^## `?([A-Z][A-Z_]+)`?$/gm), ([, code]) => code)
    assert.sameMembers(headings, [...tokenkeepErrorCodes])
  })
})

const limited = TokenkeepError.of(
  { _tag: "RateLimited", retryAt, limit: 10, remaining: 0, endpoint: "/events" },
  { ...wording, cause: { name: "TypeError", code: "ECONNRESET" } }
)

describe("a TokenkeepError", () => {
  it("is an Error with its name, a stack and its cause", () => {
    assert.instanceOf(limited, Error)
    assert.strictEqual(limited.name, "TokenkeepError")
    assert.strictEqual(String(limited), "TokenkeepError: The thing broke. Fix it.")
    assert.match(limited.stack ?? "", /TokenkeepError\.test\.ts/)
    assert.deepStrictEqual(limited.cause, { name: "TypeError", code: "ECONNRESET" })
    assert.isFalse("cause" in TokenkeepError.of({ _tag: "Disposed" }, wording))
    assert.isFalse("retryAt" in TokenkeepError.of({ _tag: "Disposed" }, wording))
  })

  it("prints name, code, message, fix, docs and the time of the next try, each once", () => {
    const lines = inspect(limited).split("\n")
    assert.deepStrictEqual(lines.slice(0, 4), [
      "TokenkeepError [RATE_LIMITED]: The thing broke.",
      "  fix:  Fix it.",
      "  docs: @tokenkeep/core/docs/errors.md#RATE_LIMITED",
      "  retry at: 2027-01-15T08:00:00.000Z"
    ])
    assert.isAbove(lines.length, 4)
    for (const frame of lines.slice(4)) assert.match(frame, /^\s+at /)
    assert.strictEqual(inspect({ limited }).split("The thing broke.").length, 2)
  })

  it("prints without an exception for every retryAt", () => {
    for (const instant of [NaN, Infinity, -Infinity, 8.64e15 + 1]) {
      const error = TokenkeepError.of({ _tag: "RateLimited", retryAt: instant, endpoint: "/" }, wording)
      assert.match(inspect(error), /^TokenkeepError \[RATE_LIMITED\]: The thing broke\./)
    }
  })

  it("prints its whole message if the fix is empty", () => {
    assert.match(
      inspect(TokenkeepError.of({ _tag: "Disposed" }, { what: "It broke.", fix: "" })),
      /^TokenkeepError \[DISPOSED\]: It broke\.\n/
    )
  })

  it("serializes to JSON with its documented fields only", () => {
    assert.deepStrictEqual(JSON.parse(JSON.stringify(limited)), {
      _tag: "TokenkeepError",
      code: "RATE_LIMITED",
      reason: { _tag: "RateLimited", retryAt, limit: 10, remaining: 0, endpoint: "/events" },
      message: "The thing broke. Fix it.",
      fix: "Fix it.",
      docs: "@tokenkeep/core/docs/errors.md#RATE_LIMITED",
      retryable: true,
      retryAt,
      cause: { name: "TypeError", code: "ECONNRESET" }
    })
  })

  it("prints code and message if it crashes a process", async () => {
    const module = new URL("../../src/errors/TokenkeepError.ts", import.meta.url).href
    const program = `
      import { TokenkeepError } from ${JSON.stringify(module)}
      throw TokenkeepError.of({ _tag: "ApiKeyMissing" }, { what: "There is no key.", fix: "Pass one." })
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

describe("a TokenkeepError as a tagged error", () => {
  it.effect("is narrowed by Effect.catchReason", () =>
    Effect.gen(function* () {
      const at = yield* Effect.fail(limited).pipe(
        Effect.catchReason("TokenkeepError", "RateLimited", (reason) => Effect.succeed(reason.retryAt))
      )
      assert.strictEqual(at, retryAt)
      const other = yield* Effect.fail<TokenkeepError>(limited).pipe(
        Effect.catchReason("TokenkeepError", "Disposed", () => Effect.die("wrong reason")),
        Effect.flip
      )
      assert.strictEqual(other, limited)
    })
  )

  it.effect("is narrowed by Effect.catchTag, and can be yielded", () =>
    Effect.gen(function* () {
      const code = yield* limited.pipe(Effect.catchTag("TokenkeepError", (error) => Effect.succeed(error.code)))
      assert.strictEqual(code, "RATE_LIMITED")
    })
  )
})

describe("isTokenkeepError", () => {
  it("accepts errors of this copy of the package, and no other values", () => {
    assert.isTrue(isTokenkeepError(limited))
    const others = [
      undefined,
      null,
      0,
      "TokenkeepError",
      new Error("x"),
      { _tag: "TokenkeepError" },
      { name: "TokenkeepError" },
      () => limited
    ]
    for (const other of others) assert.isFalse(isTokenkeepError(other))
  })

  it("accepts an error of a second copy of this package, which instanceof does not", async () => {
    const specifier = "../../src/errors/TokenkeepError.ts?copy"
    const copy = (await import(/* @vite-ignore */ specifier)) as { TokenkeepError: typeof TokenkeepError }
    assert.notStrictEqual(copy.TokenkeepError, TokenkeepError)
    const error: unknown = copy.TokenkeepError.of({ _tag: "Disposed" }, wording)
    assert.isFalse(error instanceof TokenkeepError)
    assert.isTrue(isTokenkeepError(error))
  })

  it("accepts an error of another realm", () => {
    const error: unknown = runInNewContext(`Object.assign(new Error("x"), { "~tokenkeep/TokenkeepError": true })`)
    assert.isFalse(error instanceof Error)
    assert.isTrue(isTokenkeepError(error))
  })
})
