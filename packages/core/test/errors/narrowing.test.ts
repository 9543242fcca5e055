import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import {
  isTokenkeepError,
  TokenkeepError,
  type TokenkeepErrorCode,
  type TokenkeepErrorFields
} from "../../src/index.ts"

/** Compiles only if the code narrows the type of the error. */
const detailOf = (error: TokenkeepErrorFields): number | string | undefined => {
  if (error.code === "RATE_LIMITED") {
    const retryAt: number = error.retryAt
    const { endpoint }: { readonly endpoint: string } = error.reason
    return `${endpoint} at ${retryAt}`
  }
  switch (error.code) {
    case "TOKEN_REQUEST_LIMITED":
    case "API_KEY_REJECTED": {
      const retryAt: number = error.retryAt
      return retryAt
    }
    case "API_ERROR": {
      const status: number = error.reason.status
      return status
    }
    case "CONFIG_INVALID":
      return error.reason.option
    case "ORIGIN_NOT_ALLOWED": {
      const none: undefined = error.retryAt
      return none ?? error.reason.origin
    }
    default: {
      // @ts-expect-error -- the codes above are excluded here
      const excluded: "RATE_LIMITED" = error.code
      return excluded
    }
  }
}

const wording = { what: "It failed.", fix: "Try again." }

describe("the code of a TokenkeepError narrows its type", () => {
  it("for a caught error, once it is known to be one", () => {
    const caught: unknown = TokenkeepError.of({ _tag: "RateLimited", retryAt: 5, endpoint: "/events" }, wording)
    assert.strictEqual(isTokenkeepError(caught) ? detailOf(caught) : "another error", "/events at 5")
    assert.strictEqual(caught instanceof TokenkeepError && caught.code === "RATE_LIMITED" ? caught.retryAt : 0, 5)
  })

  it("for each reason with fields of its own", () => {
    assert.strictEqual(detailOf(TokenkeepError.of({ _tag: "TokenRequestLimited", retryAt: 7 }, wording)), 7)
    assert.strictEqual(detailOf(TokenkeepError.of({ _tag: "ApiError", status: 404 }, wording)), 404)
    assert.strictEqual(detailOf(TokenkeepError.of({ _tag: "ConfigInvalid", option: "apiKey" }, wording)), "apiKey")
    assert.strictEqual(
      detailOf(TokenkeepError.of({ _tag: "OriginNotAllowed", origin: "https://a.test" }, wording)),
      "https://a.test"
    )
    assert.strictEqual(detailOf(TokenkeepError.of({ _tag: "Disposed" }, wording)), "DISPOSED")
  })

  it("for an error that was created: its code is a literal, and a retryAt is there or not", () => {
    const limited = TokenkeepError.of({ _tag: "RateLimited", retryAt: 5, endpoint: "/events" }, wording)
    const code: "RATE_LIMITED" = limited.code
    const retryAt: number = limited.retryAt
    const disposed = TokenkeepError.of({ _tag: "Disposed" }, wording)
    const none: undefined = disposed.retryAt
    assert.deepStrictEqual([code, retryAt, none], ["RATE_LIMITED", 5, undefined])
    // @ts-expect-error -- a reason must be complete
    const incomplete = () => TokenkeepError.of({ _tag: "RateLimited" }, wording)
    assert.isFunction(incomplete)
  })

  it.effect("for a failure of an effect, by code and by reason", () =>
    Effect.gen(function* () {
      const failing = Effect.fail<TokenkeepError>(TokenkeepError.of({ _tag: "ApiError", status: 418 }, wording))
      const byReason = Effect.catchReason(failing, "TokenkeepError", "ApiError", ({ status }) => Effect.succeed(status))
      assert.strictEqual(yield* byReason, 418)
      const failure = yield* Effect.flip(failing)
      const status: number | undefined = failure.code === "API_ERROR" ? failure.reason.status : undefined
      assert.strictEqual(status, 418)
      const codeOf = ({ code }: TokenkeepError): TokenkeepErrorCode => code
      assert.strictEqual(codeOf(failure), "API_ERROR")
    })
  )
})
