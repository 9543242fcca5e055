import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as TestClock from "effect/testing/TestClock"
import { manualClock } from "../support/manualClock.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { tokensWithLifetime, type Script, status, tokenResponse } from "../support/scriptedTransport.ts"
import { apiKey, testManager, type TestManagerOptions } from "../support/testManager.ts"
import { untilIdle, settled } from "../support/time.ts"

const rotated = `${apiKey}-rotated`

/** Rejects one key, and issues tokens for others. */
const rejecting: Script = ({ authorization }, index) =>
  authorization === `Bearer ${apiKey}` ? status(401) : tokenResponse(`token-${index + 1}`)

/** A client whose key was just rejected. */
const rejectedClient = Effect.fnUntraced(function* (options: TestManagerOptions = {}) {
  const test = yield* testManager({ script: rejecting, ...options })
  const error = yield* Effect.flip(test.manager.get)
  assert.strictEqual(error.code, "API_KEY_REJECTED")
  return { ...test, error }
})

describe("KEY-2: a rejected key is not sent again during its cool-down", () => {
  it.effect(
    "each later call fails at once with the same error and its retryAt, without a request and without waiting",
    () =>
      Effect.gen(function* () {
        const { calls, error, manager } = yield* rejectedClient()
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

  it.effect("which sets no timer", () => {
    const time = manualClock()
    return Effect.gen(function* () {
      const { manager } = yield* rejectedClient()
      for (let again = 0; again < 20; again += 1) yield* Effect.flip(manager.get)
      assert.strictEqual(time.timers(), 0)
      assert.isTrue(time.sleeps.every((millis) => millis <= 10_000))
    }).pipe(Effect.provideService(Clock.Clock, time.clock))
  })

  for (const [what, keyCooldown, cooldowns] of [
    ["30 s, doubling to two minutes", undefined, [30, 60, 120, 120]],
    ["as configured", { initial: "10 seconds", max: "15 seconds" }, [10, 15, 15, 15]],
    ["longer than the default maximum, if configured", { initial: "1 hour" }, [3_600, 3_600, 3_600, 3_600]]
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

  it.effect("which is 30 s again after a success", () =>
    Effect.gen(function* () {
      const script: Script = (_, index) => (index === 1 ? tokenResponse("token-1") : status(401))
      const { manager } = yield* testManager({ script })
      yield* Effect.flip(manager.get)
      yield* TestClock.adjust(30_000)
      yield* manager.reject(yield* manager.get)
      assert.strictEqual((yield* Effect.flip(manager.get)).retryAt, 60_000)
    })
  )

  it.effect("which ends by retryAt after a sleep as well, during which the monotonic clock stands still", () => {
    const time = manualClock()
    return Effect.gen(function* () {
      const { calls, error, manager } = yield* rejectedClient()
      time.jumpWall(30_000)
      assert.isAtLeast(time.now().wall, error.retryAt!)
      yield* Effect.flip(manager.get)
      assert.lengthOf(calls, 2)
      time.jumpWall(-86_400_000)
      time.advanceMonotonic(60_000)
      yield* Effect.flip(manager.get)
      assert.lengthOf(calls, 3)
    }).pipe(Effect.provideService(Clock.Clock, time.clock))
  })

  it.effect("which retryKey ends", () =>
    Effect.gen(function* () {
      let isRejected = true
      const script: Script = () => (isRejected ? status(401) : tokenResponse("token-1"))
      const { calls, manager } = yield* testManager({ script })
      manager.retryKey()
      yield* Effect.flip(manager.get)
      manager.retryKey()
      assert.strictEqual((yield* Effect.flip(manager.get)).retryAt, 30_000)
      isRejected = false
      yield* Effect.flip(manager.get)
      assert.lengthOf(calls, 2)
      manager.retryKey()
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
    })
  )

  it.effect("OBS-1: an event reports each rejection once; OBS-2: the status shows it", () =>
    Effect.gen(function* () {
      const { error, manager, types } = yield* rejectedClient()
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

  it.effect("which is not shared if the rejection is undocumented; a token of another client is still adopted", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const { calls, manager } = yield* rejectedClient({ storage })
      assert.strictEqual(storage.records.size, 0)
      const other = yield* testManager({ storage })
      yield* other.manager.get
      yield* TestClock.adjust(30_000)
      assert.strictEqual((yield* manager.get).reveal(), "token-1")
      assert.lengthOf(calls, 1)
    })
  )

  it.effect("also in the background: the current token stays, and requests do not cause another try", () =>
    Effect.gen(function* () {
      const script: Script = (call, index) => (index === 0 ? tokensWithLifetime(1_000_000)(call, index) : status(401))
      const { calls, manager, eventsOf } = yield* testManager({ script, renewal: { jitter: 0 } })
      const token = yield* manager.get
      yield* TestClock.adjust(800_000)
      for (let passed = 0; passed < 199_000; passed += 1_000) {
        assert.strictEqual(yield* manager.get, token)
        yield* untilIdle(manager)
        yield* TestClock.adjust(1_000)
      }
      // At 0, then with the next attempt after each cool-down of 30, 60 and 120 s.
      assert.isAtMost(calls.length, 4)
      assert.lengthOf(eventsOf("renewal-failed"), calls.length - 1)
    })
  )
})

describe("KEY-2: a rejection is of the key, not of its source", () => {
  it.effect("a changed key is sent at once, and the former key is still not sent", () =>
    Effect.gen(function* () {
      let key = apiKey
      const { calls, error, manager } = yield* rejectedClient({ source: () => key })
      key = rotated
      const token = yield* manager.get
      assert.strictEqual(token.reveal(), "token-2")
      key = apiKey
      yield* manager.reject(token)
      assert.strictEqual(yield* Effect.flip(manager.get), error)
      assert.lengthOf(calls, 2)
    })
  )

  it.effect("a synchronous source is read on each call while a rejection is active", () =>
    Effect.gen(function* () {
      let reads = 0
      const { manager } = yield* rejectedClient({
        source: () => {
          reads += 1
          return apiKey
        }
      })
      for (let again = 0; again < 10; again += 1) yield* Effect.flip(manager.get)
      assert.strictEqual(reads, 11)
    })
  )

  it.effect("an asynchronous source is read at most once a second", () =>
    Effect.gen(function* () {
      let reads = 0
      let key = apiKey
      const respond = async () => {
        reads += 1
        return key
      }
      for (const source of [respond, Effect.promise(respond)]) {
        reads = 0
        key = apiKey
        const { calls, manager } = yield* rejectedClient({ source })
        for (let passed = 0; passed < 3_000; passed += 100) {
          yield* Effect.flip(manager.get)
          yield* TestClock.adjust(100)
        }
        assert.deepStrictEqual([reads, calls.length], [3, 1])
        key = rotated
        yield* TestClock.adjust(1_000)
        assert.strictEqual((yield* manager.get).reveal(), "token-2")
      }
    })
  )
})

describe("KEY-2: the sender of the rejection", () => {
  for (const code of [401, 403]) {
    for (const [what, documented, says] of [
      ["the JSON of the provider", true, /unknown, revoked or expired/],
      ["the page of a portal", false, /firewall or captive portal/]
    ] as const) {
      it.effect(`${code} with ${what} is named in the error, and the rejection is remembered in both cases`, () =>
        Effect.gen(function* () {
          const readTokenResponse = () => ({ _tag: "KeyRejected", documented }) as const
          const { calls, manager } = yield* testManager({ script: () => status(code), provider: { readTokenResponse } })
          const error = yield* Effect.flip(manager.get)
          assert.match(error.message, says)
          assert.strictEqual(yield* Effect.flip(manager.get), error)
          assert.lengthOf(calls, 1)
        })
      )
    }
  }

  it.effect("TOK-1: a good token stays in use although the key was rejected meanwhile", () =>
    Effect.gen(function* () {
      const script: Script = (call, index) => (index === 0 ? tokensWithLifetime(10_000)(call, index) : status(401))
      const { manager } = yield* testManager({ script, renewal: { jitter: 0 } })
      const token = yield* manager.get
      yield* TestClock.adjust(8_000)
      manager.peek()
      yield* untilIdle(manager)
      assert.strictEqual(manager.status().state, "key-rejected")
      assert.strictEqual(manager.status().token?.id, token.id)
      const hit = yield* Effect.forkChild(manager.get, { startImmediately: true })
      assert.deepStrictEqual(hit.pollUnsafe(), Exit.succeed(token))
      yield* settled
    })
  )
})
