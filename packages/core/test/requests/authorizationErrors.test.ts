import { assert, describe, it } from "@effect/vitest"
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { ProviderResponse, Verdict } from "../../src/index.ts"
import { explainFor, isAuthorizationStatus } from "../../src/requests/authorizationErrors.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { exampleProvider } from "../support/exampleProvider.ts"
import { settled } from "../support/time.ts"

const secretDefect = "secret-text-2f6c1d"

/** A provider that always returns the same verdict, and what it was given. */
const classifying = (verdict: Verdict) => {
  const shown: Array<ProviderResponse> = []
  const provider = exampleProvider({
    classify: (respond) => {
      shown.push(respond)
      return verdict
    }
  })
  return { shown, explain: explainFor(provider, () => false) }
}

describe("the meaning of an authorization error", () => {
  it("is read from 401, 403 and 429 only", () => {
    const all = [200, 204, 302, 400, 401, 402, 403, 404, 407, 418, 429, 500, 503]
    assert.deepStrictEqual(all.filter(isAuthorizationStatus), [401, 403, 429])
  })

  const verdicts: ReadonlyArray<readonly [verdict: Verdict, code: string | undefined]> = [
    [{ _tag: "TokenExpired" }, "TOKEN_EXPIRED"],
    [{ _tag: "TokenInvalid" }, "TOKEN_INVALID"],
    [{ _tag: "TokenMissing" }, "TOKEN_MISSING"],
    [{ _tag: "Forbidden" }, "FORBIDDEN"],
    [{ _tag: "RateLimited", resetAt: 5_000, limit: 10, remaining: 0 }, "RATE_LIMITED"],
    [{ _tag: "Other" }, undefined]
  ]
  for (const [verdict, code] of verdicts) {
    it.effect(`${verdict._tag} is ${code ?? "not about authorization"}, with no part of the body in the error`, () =>
      Effect.gen(function* () {
        const { explain, shown } = classifying(verdict)
        const response = new Response(secretDefect, { status: 403, headers: { "x-a": "1" } })
        const error = yield* explain(response)
        assert.strictEqual(error?.code, code)
        assertNoSecrets(inspect(error, { depth: Infinity }) + (error?.stack ?? ""), [secretDefect])
        const [{ status, text, headers, sentToken } = assert.fail()] = shown
        assert.deepStrictEqual([status, text, headers.get("x-a"), sentToken], [403, secretDefect, "1", true])
        assert.strictEqual(yield* Effect.promise(() => response.text()), secretDefect)
      })
    )
  }

  it.effect("a rate limit shows the endpoint, its numbers and its reset", () =>
    Effect.gen(function* () {
      const { explain } = classifying({ _tag: "RateLimited", resetAt: 5_000, limit: 10, remaining: 0 })
      const response = new Response("", { status: 429, headers: { "retry-after": "7" } })
      Object.defineProperty(response, "url", { value: "https://api.example.test/v1/events?page=2" })
      const error = yield* explain(response)
      const endpoint = "/v1/events"
      assert.deepStrictEqual(error?.reason, { _tag: "RateLimited", retryAt: 7_000, limit: 10, remaining: 0, endpoint })
    })
  )

  it.effect("a refused request says why, if the provider knows it", () =>
    Effect.gen(function* () {
      const response = new Response(null, { status: 403 })
      const known = classifying({ _tag: "Forbidden", detail: "the token lacks the scope write", fix: "Add it." })
      assert.strictEqual(
        (yield* known.explain(response))?.message,
        "The request to The API was refused with 403: the token lacks the scope write. Add it."
      )
      const unknown = yield* classifying({ _tag: "Forbidden" }).explain(response)
      assert.include(unknown?.message, "refused with 403, and not by the API.")
    })
  )

  it.effect("a success has none, and is neither read nor shown to the provider", () =>
    Effect.gen(function* () {
      const { explain, shown } = classifying({ _tag: "Forbidden" })
      for (const status of [200, 404, 500]) assert.isUndefined(yield* explain(new Response(secretDefect, { status })))
      assert.lengthOf(shown, 0)
    })
  )

  it.effect("if classify throws, it is CONFIG_INVALID without the thrown error", () =>
    Effect.gen(function* () {
      const classify = () => {
        throw new Error(secretDefect)
      }
      const explain = explainFor(exampleProvider({ classify }), () => false)
      const error = yield* explain(new Response(secretDefect, { status: 401 }))
      assert.deepStrictEqual(error?.reason, { _tag: "ConfigInvalid", option: "provider" })
      assertNoSecrets(inspect(error, { depth: Infinity, showHidden: true }), [secretDefect])
    })
  )
})

describe("the body of an authorization error", () => {
  it.effect("is ignored if it is used or locked: the status alone decides", () =>
    Effect.gen(function* () {
      const { explain, shown } = classifying({ _tag: "Forbidden" })
      const used = new Response(secretDefect, { status: 403 })
      yield* Effect.promise(() => used.text())
      const locked = new Response(secretDefect, { status: 403 })
      locked.body?.getReader()
      for (const response of [used, locked, new Response(null, { status: 403 })]) {
        assert.strictEqual((yield* explain(response))?.code, "FORBIDDEN")
      }
      assert.deepStrictEqual(
        shown.map(({ text }) => text),
        ["", "", ""]
      )
    })
  )

  it.effect("is read up to 64 KiB, and the rest is cancelled", () =>
    Effect.gen(function* () {
      const { explain, shown } = classifying({ _tag: "Forbidden" })
      yield* explain(new Response("x".repeat(65_536), { status: 403 }))
      yield* explain(new Response("x".repeat(65_537), { status: 403 }))
      assert.deepStrictEqual(
        shown.map(({ text }) => text.length),
        [65_536, 65_536]
      )
    })
  )

  it.effect("is cancelled after one second if it stops arriving, and at once if it breaks", () =>
    Effect.gen(function* () {
      const { explain, shown } = classifying({ _tag: "Forbidden" })
      const silent = new ReadableStream({ pull: () => new Promise<void>(() => undefined) })
      const explaining = yield* Effect.forkChild(explain(new Response(silent, { status: 403 })))
      yield* settled
      yield* TestClock.adjust(999)
      yield* settled
      assert.isUndefined(explaining.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* Fiber.join(explaining))?.code, "FORBIDDEN")
      const broken = new ReadableStream({ pull: (controller) => controller.error(new Error(secretDefect)) })
      assert.strictEqual((yield* explain(new Response(broken, { status: 403 })))?.code, "FORBIDDEN")
      assert.deepStrictEqual(
        shown.map(({ text }) => text),
        ["", ""]
      )
    })
  )
})
