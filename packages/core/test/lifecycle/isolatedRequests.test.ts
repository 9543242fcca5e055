import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { afterEach, beforeEach, vi } from "vitest"
import { makeSharedStore } from "../../src/storage/sharedStore.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { tokenResponse, tokensWithLifetime } from "../support/scriptedTransport.ts"
import { testManager, type TestManagerOptions } from "../support/testManager.ts"
import { settled, until } from "../support/time.ts"

// What a real worker needs is tested in workerd, by scripts/packed/runtimes.workers.test.ts.

/** A manager whose token lives 100 s and is due after 80 s. The test responds to later token requests. */
const due = Effect.fnUntraced(function* (options: TestManagerOptions = {}) {
  const lifetime = tokensWithLifetime(100_000)
  const test = yield* testManager({
    script: (call, index) => (index === 0 ? lifetime(call, index) : undefined),
    renewal: { jitter: 0 },
    ...options
  })
  const token = yield* test.manager.get
  yield* TestClock.adjust(80_000)
  return { ...test, token }
})

describe("RUN-4: if requests are isolated", () => {
  beforeEach(() => void vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" }))
  afterEach(() => void vi.unstubAllGlobals())

  it.effect("one caller renews a token that is due, and the others use it meanwhile", () =>
    Effect.gen(function* () {
      const { calls, eventsOf, manager, token } = yield* due()
      assert.deepStrictEqual([manager.peek(), manager.cached()], [token, undefined])
      yield* settled
      assert.lengthOf(calls, 1)
      const renewing = yield* Effect.forkChild(manager.get, { startImmediately: true })
      yield* until("the token request is sent", () => calls.length === 2)
      assert.deepStrictEqual([manager.cached(), yield* manager.get], [token, token])
      calls[1]!.respond(tokenResponse("token-2"))
      assert.strictEqual(yield* Fiber.join(renewing), manager.peek())
      assert.strictEqual(manager.peek()?.reveal(), "token-2")
      assert.deepInclude(eventsOf("renewal-started")[1], { reason: "window", background: false })
    })
  )

  it.effect("a caller whose renewal of a token that is due fails uses that token", () =>
    Effect.gen(function* () {
      const { calls, eventsOf, manager, token } = yield* due()
      const renewing = yield* Effect.forkChild(manager.get, { startImmediately: true })
      yield* until("the token request is sent", () => calls.length === 2)
      calls[1]!.respond(new Response(null, { status: 400 }))
      assert.strictEqual(yield* Fiber.join(renewing), token)
      assert.strictEqual(manager.cached(), token)
      assert.deepInclude(eventsOf("renewal-failed")[0], { code: "TOKEN_RESPONSE_INVALID", reason: "window" })
    })
  )

  it.effect("a token that is due is renewed in the background with waitUntil", () =>
    Effect.gen(function* () {
      const kept: Array<Promise<void>> = []
      const { calls, manager, token } = yield* due({ waitUntil: (promise) => void kept.push(promise) })
      assert.deepStrictEqual([manager.cached(), kept.length], [token, 2])
      yield* until("the token request is sent", () => calls.length === 2)
      calls[1]!.respond(tokenResponse("token-2"))
      yield* Effect.promise(() => Promise.all(kept))
      assert.strictEqual(manager.peek()?.reveal(), "token-2")
    })
  )

  it.effect("callers look for the outcome of a renewal with timers of their own", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* testManager({ script: () => undefined })
      const all = yield* Effect.forkChild(
        Effect.all([manager.get, manager.get, manager.get], { concurrency: "unbounded" }),
        { startImmediately: true }
      )
      yield* until("the token request is sent", () => calls.length === 1)
      calls[0]!.respond(tokenResponse("token-1"))
      yield* until("the token is there", () => manager.peek() !== undefined)
      yield* settled
      assert.isUndefined(all.pollUnsafe())
      yield* TestClock.adjust(20)
      yield* until("all callers have it", () => all.pollUnsafe() !== undefined)
      assert.lengthOf(calls, 1)
    })
  )

  it("a lease is polled, because a change by another request must not continue this one", () => {
    const { service } = scriptedStorage()
    const options = {
      owner: "7f3a9c",
      leaseMillis: 1,
      seals: [],
      isExclusive: false,
      holdsKey: () => false,
      onIgnored: () => undefined,
      onSaveFailed: () => Effect.void
    }
    const watched = { ...service, watch: () => Effect.succeed(Effect.never) }
    assert.isUndefined(makeSharedStore(watched, options).watch)
    vi.unstubAllGlobals()
    assert.isDefined(makeSharedStore(watched, options).watch)
  })
})

describe("TOK-5: waitUntil", () => {
  it.effect("receives a promise for each renewal that resolves at its end, also if it fails", () =>
    Effect.gen(function* () {
      const kept: Array<Promise<void>> = []
      const { calls, manager } = yield* testManager({
        script: () => undefined,
        waitUntil: (promise) => void kept.push(promise)
      })
      const failing = yield* Effect.forkChild(Effect.flip(manager.get), { startImmediately: true })
      yield* until("the token request is sent", () => calls.length === 1)
      calls[0]!.respond(new Response(null, { status: 401 }))
      assert.deepStrictEqual(yield* Effect.promise(() => Promise.all(kept)), [undefined])
      assert.strictEqual((yield* Fiber.join(failing)).code, "API_KEY_REJECTED")
    })
  )

  it.effect("may throw or reject", () =>
    Effect.gen(function* () {
      for (const waitUntil of [
        () => {
          throw new Error("outside of a request")
        },
        () => Promise.reject(new Error("later"))
      ]) {
        const { manager } = yield* testManager({ waitUntil })
        assert.isDefined(yield* manager.get)
      }
    })
  )

  it.effect("is CONFIG_INVALID unless it is a function", () =>
    Effect.gen(function* () {
      const waitUntil = Promise.resolve() as unknown as () => void
      const error = yield* Effect.flip(testManager({ waitUntil }))
      assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: "waitUntil" })
    })
  )
})
