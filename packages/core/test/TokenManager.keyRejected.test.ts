import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as TestClock from "effect/testing/TestClock"
import { handClock } from "./support/handClock.ts"
import { scriptedStorage } from "./support/scriptedStorage.ts"
import { lasting, type Script, status, tokenResponse } from "./support/scriptedTransport.ts"
import { apiKey, testManager, type TestManagerOptions } from "./support/testManager.ts"
import { resting, settled } from "./support/turns.ts"

const rotated = `${apiKey}-rotated`

/** Refuses one key, and gives tokens for any other. */
const refusing: Script = ({ authorization }, index) =>
  authorization === `Bearer ${apiKey}` ? status(401) : tokenResponse(`token-${index + 1}`)

/** A client whose key was refused a moment ago. */
const refused = Effect.fnUntraced(function* (options: TestManagerOptions = {}) {
  const test = yield* testManager({ script: refusing, ...options })
  const error = yield* Effect.flip(test.manager.get)
  assert.strictEqual(error.code, "API_KEY_REJECTED")
  return { ...test, error }
})

describe("KEY-2: a rejected key is not hammered", () => {
  it.effect(
    "every later call fails at once with the same error and its retryAt, without a call and without waiting",
    () =>
      Effect.gen(function* () {
        const { calls, error, manager } = yield* refused()
        assert.deepStrictEqual(error.reason, { _tag: "ApiKeyRejected", retryAt: 30_000 })
        assert.deepStrictEqual([error.retryAt, error.retryable], [30_000, false])
        yield* TestClock.adjust(29_999)
        const errors = yield* Effect.all(
          Array.from({ length: 100 }, () => Effect.flip(manager.get)),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual([...new Set(errors)], [error])
        for (let again = 0; again < 100; again += 1) assert.strictEqual(yield* Effect.flip(manager.get), error)
        assert.lengthOf(calls, 1)
        yield* TestClock.adjust(1)
        assert.strictEqual((yield* Effect.flip(manager.get)).retryAt, 90_000)
        assert.lengthOf(calls, 2)
      })
  )

  it.effect("and sets no timer until then", () => {
    const hands = handClock()
    return Effect.gen(function* () {
      const { manager } = yield* refused()
      for (let again = 0; again < 20; again += 1) yield* Effect.flip(manager.get)
      assert.strictEqual(hands.asleep(), 0)
      assert.isTrue(hands.sleeps.every((millis) => millis <= 10_000))
    }).pipe(Effect.provideService(Clock.Clock, hands.clock))
  })

  for (const [what, keyCooldown, cooldowns] of [
    ["30 s, doubling to two minutes", undefined, [30, 60, 120, 120]],
    ["as configured", { initial: "10 seconds", max: "15 seconds" }, [10, 15, 15, 15]],
    ["longer than the usual most, when that is what was asked for", { initial: "1 hour" }, [3_600, 3_600, 3_600, 3_600]]
  ] as const) {
    it.effect(`for ${what}`, () =>
      Effect.gen(function* () {
        const { calls, manager } = yield* testManager({ script: () => status(401), keyCooldown })
        const clock = yield* Clock.Clock
        for (const [index, cooldown] of cooldowns.entries()) {
          const { retryAt } = yield* Effect.flip(manager.get)
          assert.strictEqual(retryAt, clock.currentTimeMillisUnsafe() + cooldown * 1_000)
          assert.lengthOf(calls, index + 1)
          yield* TestClock.adjust(cooldown * 1_000)
        }
      })
    )
  }

  it.effect("a success forgets it: the next rejection begins at 30 s", () =>
    Effect.gen(function* () {
      const script: Script = (_, index) => (index === 1 ? tokenResponse("token-1") : status(401))
      const { manager } = yield* testManager({ script })
      yield* Effect.flip(manager.get)
      yield* TestClock.adjust(30_000)
      yield* manager.reject(yield* manager.get)
      assert.strictEqual((yield* Effect.flip(manager.get)).retryAt, 60_000)
    })
  )

  it.effect("is over by retryAt after a sleep as well, in which the monotonic clock stands still", () => {
    const hands = handClock()
    return Effect.gen(function* () {
      const { calls, error, manager } = yield* refused()
      hands.jump(30_000)
      assert.isAtLeast(hands.now().wall, error.retryAt!)
      yield* Effect.flip(manager.get)
      assert.lengthOf(calls, 2)
      hands.jump(-86_400_000)
      hands.passMono(60_000)
      yield* Effect.flip(manager.get)
      assert.lengthOf(calls, 3)
    }).pipe(Effect.provideService(Clock.Clock, hands.clock))
  })

  it.effect("retryKey lets it be tried again at once", () =>
    Effect.gen(function* () {
      let isRefused = true
      const script: Script = () => (isRefused ? status(401) : tokenResponse("token-1"))
      const { calls, manager } = yield* testManager({ script })
      manager.retryKey()
      yield* Effect.flip(manager.get)
      manager.retryKey()
      assert.strictEqual((yield* Effect.flip(manager.get)).retryAt, 30_000)
      isRefused = false
      yield* Effect.flip(manager.get)
      assert.lengthOf(calls, 2)
      manager.retryKey()
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
    })
  )

  it.effect("OBS-1: is told of once each time it is refused, not to every caller; OBS-2: and seen in the status", () =>
    Effect.gen(function* () {
      const { error, manager, types } = yield* refused()
      for (let again = 0; again < 20; again += 1) yield* Effect.flip(manager.get)
      const once = ["renewal-started", "key-rejected", "renewal-failed"] as const
      assert.deepStrictEqual(types(), [...once])
      const lastError = { code: "API_KEY_REJECTED", message: error.message, at: 0 } as const
      assert.deepInclude(manager.status(), { state: "key-rejected", lastError })
      yield* TestClock.adjust(30_000)
      yield* Effect.flip(manager.get)
      assert.deepStrictEqual(types(), [...once, ...once])
    })
  )

  it.effect("stays in this process: another one's record tells nothing of it, and its token is still adopted", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const { calls, manager } = yield* refused({ storage })
      assert.strictEqual(storage.records.size, 0)
      const other = yield* testManager({ storage })
      yield* other.manager.get
      yield* TestClock.adjust(30_000)
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("in the background it leaves the good token, and does not ask again with every hit", () =>
    Effect.gen(function* () {
      const script: Script = (call, index) => (index === 0 ? lasting(1_000_000)(call, index) : status(401))
      const { calls, manager, told } = yield* testManager({ script, renewal: { jitter: 0 } })
      const token = yield* manager.get
      yield* TestClock.adjust(800_000)
      for (let passed = 0; passed < 199_000; passed += 1_000) {
        assert.strictEqual(yield* manager.get, token)
        yield* resting(manager)
        yield* TestClock.adjust(1_000)
      }
      // At 0, then when its cooldowns of 30, 60 and 120 s are over, on the next attempt.
      assert.isAtMost(calls.length, 4)
      assert.lengthOf(told("renewal-failed"), calls.length - 1)
    })
  )
})

describe("KEY-2: the memory is of the key, not of its source", () => {
  it.effect("a changed key is tried at once, and a key that changes back is still remembered", () =>
    Effect.gen(function* () {
      let key = apiKey
      const { calls, error, manager } = yield* refused({ source: () => key })
      key = rotated
      const token = yield* manager.get
      assert.strictEqual(token.reveal(), "token-2")
      key = apiKey
      yield* manager.reject(token)
      assert.strictEqual(yield* Effect.flip(manager.get), error)
      assert.lengthOf(calls, 2)
    })
  )

  it.effect("a source that answers at once is read on each call while a rejection stands", () =>
    Effect.gen(function* () {
      let asked = 0
      const { manager } = yield* refused({
        source: () => {
          asked += 1
          return apiKey
        }
      })
      for (let again = 0; again < 10; again += 1) yield* Effect.flip(manager.get)
      assert.strictEqual(asked, 11)
    })
  )

  it.effect("one that answers with a promise or an effect at most once a second", () =>
    Effect.gen(function* () {
      let asked = 0
      let key = apiKey
      const answer = async () => {
        asked += 1
        return key
      }
      for (const source of [answer, Effect.promise(answer)]) {
        asked = 0
        key = apiKey
        const { calls, manager } = yield* refused({ source })
        for (let passed = 0; passed < 3_000; passed += 100) {
          yield* Effect.flip(manager.get)
          yield* TestClock.adjust(100)
        }
        assert.deepStrictEqual([asked, calls.length], [3, 1])
        key = rotated
        yield* TestClock.adjust(1_000)
        assert.strictEqual((yield* manager.get).reveal(), "token-2")
      }
    })
  )
})

describe("KEY-2: whose refusal it was", () => {
  for (const code of [401, 403]) {
    for (const [what, documented, says] of [
      ["the provider's JSON", true, /unknown, revoked or expired/],
      ["a portal's page", false, /firewall or a portal/]
    ] as const) {
      it.effect(`${code} with ${what} says so, and is remembered here either way`, () =>
        Effect.gen(function* () {
          const readToken = () => ({ _tag: "KeyRejected", documented }) as const
          const { calls, manager } = yield* testManager({ script: () => status(code), provider: { readToken } })
          const error = yield* Effect.flip(manager.get)
          assert.match(error.message, says)
          assert.strictEqual(yield* Effect.flip(manager.get), error)
          assert.lengthOf(calls, 1)
        })
      )
    }
  }

  it.effect("TOK-1: a good token is served although the key was refused meanwhile", () =>
    Effect.gen(function* () {
      const script: Script = (call, index) => (index === 0 ? lasting(10_000)(call, index) : status(401))
      const { manager } = yield* testManager({ script, renewal: { jitter: 0 } })
      const token = yield* manager.get
      yield* TestClock.adjust(8_000)
      manager.peek()
      yield* resting(manager)
      assert.strictEqual(manager.status().state, "key-rejected")
      assert.strictEqual(manager.status().token?.id, token.id)
      const hit = yield* Effect.forkChild(manager.get, { startImmediately: true })
      assert.deepStrictEqual(hit.pollUnsafe(), Exit.succeed(token))
      yield* settled
    })
  )
})
