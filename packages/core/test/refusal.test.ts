import { assert, describe, it } from "@effect/vitest"
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { Answer, Verdict } from "../src/index.ts"
import { explainFor, isRefusal } from "../src/internal/refusal.ts"
import { assertNoSecrets } from "../src/testing/index.ts"
import { exampleProvider } from "./support/exampleProvider.ts"
import { settled } from "./support/turns.ts"

const secretText = "secret-text-2f6c1d"

/** A provider that always has the same verdict, and what it was shown. */
const judging = (verdict: Verdict) => {
  const shown: Array<Answer> = []
  const provider = exampleProvider({
    classify: (answer) => {
      shown.push(answer)
      return verdict
    }
  })
  return { shown, explain: explainFor(provider) }
}

describe("what a refusal means", () => {
  it("can be asked of 401, 403 and 429 alone", () => {
    const all = [200, 204, 302, 400, 401, 402, 403, 404, 407, 418, 429, 500, 503]
    assert.deepStrictEqual(all.filter(isRefusal), [401, 403, 429])
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
    it.effect(
      `${verdict._tag} is ${code ?? "nothing about authorization"}, with no part of the body in the error`,
      () =>
        Effect.gen(function* () {
          const { explain, shown } = judging(verdict)
          const response = new Response(secretText, { status: 403, headers: { "x-a": "1" } })
          const error = yield* explain(response)
          assert.strictEqual(error?.code, code)
          assertNoSecrets(inspect(error, { depth: Infinity }) + (error?.stack ?? ""), [secretText])
          const [{ status, text, headers, sentToken } = assert.fail()] = shown
          assert.deepStrictEqual([status, text, headers.get("x-a"), sentToken], [403, secretText, "1", true])
          assert.strictEqual(yield* Effect.promise(() => response.text()), secretText)
        })
    )
  }

  it.effect("a limit tells the endpoint, its numbers and when it opens again", () =>
    Effect.gen(function* () {
      const { explain } = judging({ _tag: "RateLimited", resetAt: 5_000, limit: 10, remaining: 0 })
      const response = new Response("", { status: 429, headers: { "retry-after": "7" } })
      Object.defineProperty(response, "url", { value: "https://api.example.test/v1/events?page=2" })
      const error = yield* explain(response)
      const endpoint = "/v1/events"
      assert.deepStrictEqual(error?.reason, { _tag: "RateLimited", retryAt: 7_000, limit: 10, remaining: 0, endpoint })
    })
  )

  it.effect("a success is nothing, and neither read nor shown to the provider", () =>
    Effect.gen(function* () {
      const { explain, shown } = judging({ _tag: "Forbidden" })
      for (const status of [200, 404, 500]) assert.isUndefined(yield* explain(new Response(secretText, { status })))
      assert.lengthOf(shown, 0)
    })
  )

  it.effect("a provider whose classify throws is CONFIG_INVALID, and nobody hears what it threw", () =>
    Effect.gen(function* () {
      const classify = () => {
        throw new Error(secretText)
      }
      const explain = explainFor(exampleProvider({ classify }))
      const error = yield* explain(new Response(secretText, { status: 401 }))
      assert.deepStrictEqual(error?.reason, { _tag: "ConfigInvalid", option: "provider" })
      assertNoSecrets(inspect(error, { depth: Infinity, showHidden: true }), [secretText])
    })
  )
})

describe("a refusal's body", () => {
  it.effect("that somebody has read, or reads, is not there: the status alone has to do", () =>
    Effect.gen(function* () {
      const { explain, shown } = judging({ _tag: "Forbidden" })
      const used = new Response(secretText, { status: 403 })
      yield* Effect.promise(() => used.text())
      const locked = new Response(secretText, { status: 403 })
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

  it.effect("is read up to 64 KiB, and the rest given up", () =>
    Effect.gen(function* () {
      const { explain, shown } = judging({ _tag: "Forbidden" })
      yield* explain(new Response("x".repeat(65_536), { status: 403 }))
      yield* explain(new Response("x".repeat(65_537), { status: 403 }))
      assert.deepStrictEqual(
        shown.map(({ text }) => text.length),
        [65_536, 65_536]
      )
    })
  )

  it.effect("that falls silent or breaks is given up after one second, or at once", () =>
    Effect.gen(function* () {
      const { explain, shown } = judging({ _tag: "Forbidden" })
      const silent = new ReadableStream({ pull: () => new Promise<void>(() => undefined) })
      const explaining = yield* Effect.forkChild(explain(new Response(silent, { status: 403 })))
      yield* settled
      yield* TestClock.adjust(999)
      yield* settled
      assert.isUndefined(explaining.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* Fiber.join(explaining))?.code, "FORBIDDEN")
      const broken = new ReadableStream({ pull: (controller) => controller.error(new Error(secretText)) })
      assert.strictEqual((yield* explain(new Response(broken, { status: 403 })))?.code, "FORBIDDEN")
      assert.deepStrictEqual(
        shown.map(({ text }) => text),
        ["", ""]
      )
    })
  )
})
