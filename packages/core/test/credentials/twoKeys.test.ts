import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { ApiKeySource } from "../../src/index.ts"
import { assertNoSecrets } from "../../src/testing/index.ts"
import { type Script, status } from "../support/scriptedTransport.ts"
import { apiKey, testManager, type TestManagerOptions } from "../support/testManager.ts"
import { settled, until } from "../support/time.ts"

const next = `${apiKey}-next`

/** Accepts some keys, and returns tokens that name their key. */
const issuerFor = (...accepted: ReadonlyArray<string>) => {
  const keys = new Set(accepted)
  const script: Script = ({ authorization = "" }, index) => {
    const key = authorization.slice("Bearer ".length)
    return keys.has(key) ? Response.json({ token: `${key === next ? "next" : "first"}-${index + 1}` }) : status(401)
  }
  return { keys, script }
}

const overlapping = (script: Script, second: ApiKeySource = next, options: TestManagerOptions = {}) =>
  testManager({ script, source: [apiKey, second], ...options })

const renewed = ({ manager }: Effect.Success<ReturnType<typeof testManager>>) =>
  Effect.gen(function* () {
    yield* manager.reject(yield* manager.get)
    return (yield* manager.get).reveal()
  })

describe("KEY-3: two keys during a rotation", () => {
  it.effect("the first is used while it is accepted, and the second is not even read", () =>
    Effect.gen(function* () {
      const { script } = issuerFor(apiKey, next)
      const test = yield* overlapping(script, () => assert.fail("The second key was read."))
      assert.strictEqual(yield* renewed(test), "first-2")
      assert.lengthOf(test.eventsOf("key-rotated"), 0)
    })
  )

  it.effect("if the first is rejected, the same call tries the second, and an event reports it", () =>
    Effect.gen(function* () {
      const { keys, script } = issuerFor(apiKey, next)
      const test = yield* overlapping(script)
      yield* test.manager.get
      keys.delete(apiKey)
      assert.strictEqual(yield* renewed(test), "next-3")
      assert.deepStrictEqual(test.types(), [
        "renewal-started",
        "issued",
        "rejected",
        "renewal-started",
        "key-rejected",
        "issued",
        "key-rotated"
      ])
      assert.deepStrictEqual(test.eventsOf("key-rotated"), [{ type: "key-rotated", at: 0, key: "api-key-next" }])
      assert.deepInclude(test.eventsOf("key-rejected")[0], { key: "api-key" })
      assert.strictEqual(test.manager.status().state, "fresh")
      assertNoSecrets(JSON.stringify([test.events, test.manager.status()]), [apiKey, next])
    })
  )

  it.effect("while the rejection is active, only the second is sent, and the event is not repeated", () =>
    Effect.gen(function* () {
      const { script } = issuerFor(next)
      const test = yield* overlapping(script)
      for (let renewals = 0; renewals < 5; renewals += 1) assert.match(yield* renewed(test), /^next/)
      assert.lengthOf(
        test.calls.filter(({ authorization }) => authorization === `Bearer ${apiKey}`),
        1
      )
      assert.lengthOf(test.eventsOf("key-rotated"), 1)
      assert.lengthOf(test.eventsOf("renewal-failed"), 0)
    })
  )

  it.effect("if the first is accepted again, it is used again, which an event reports", () =>
    Effect.gen(function* () {
      const { keys, script } = issuerFor(next)
      const test = yield* overlapping(script)
      yield* test.manager.get
      keys.add(apiKey)
      yield* TestClock.adjust(30_000)
      assert.match(yield* renewed(test), /^first/)
      assert.deepStrictEqual(
        test.eventsOf("key-rotated").map(({ key }) => key),
        ["api-key-next", "api-key"]
      )
    })
  )

  it.effect("if both are rejected, the first one's rejection is the error, and neither is sent again", () =>
    Effect.gen(function* () {
      const { script } = issuerFor()
      const { calls, manager, eventsOf } = yield* overlapping(script)
      const error = yield* Effect.flip(manager.get)
      assert.deepStrictEqual([error.code, error.retryAt], ["API_KEY_REJECTED", 30_000])
      assert.notInclude(error.message, "api-key-next")
      for (let again = 0; again < 10; again += 1) assert.strictEqual(yield* Effect.flip(manager.get), error)
      assert.lengthOf(calls, 2)
      assert.deepStrictEqual(
        eventsOf("key-rejected").map(({ key }) => key),
        ["api-key", "api-key-next"]
      )
      assert.lengthOf(eventsOf("renewal-failed"), 1)
    })
  )

  it.effect("KEY-4: each key has its own record", () =>
    Effect.gen(function* () {
      const { keys, script } = issuerFor(apiKey)
      const test = yield* overlapping(script)
      yield* test.manager.get
      keys.delete(apiKey)
      keys.add(next)
      yield* renewed(test)
      assert.strictEqual(test.storage.records.size, 2)
    })
  )

  it.effect("failures of the first key that are no rejections do not lead to the second", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* overlapping(
        () => status(404),
        () => assert.fail("The second key was read.")
      )
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "TOKEN_RESPONSE_INVALID")
      assert.lengthOf(calls, 1)
    })
  )
})

describe("KEY-3: a second key that is not available", () => {
  const sources: ReadonlyArray<readonly [what: string, source: ApiKeySource]> = [
    ["is missing", () => undefined],
    ["fails", () => Promise.reject(new Error("vault"))],
    ["is malformed", () => "two words"],
    ["fails as an effect", Effect.fail("vault")]
  ]
  for (const [what, source] of sources) {
    it.effect(`since it ${what}, leaves the rejection of the first key as the error`, () =>
      Effect.gen(function* () {
        const { calls, manager } = yield* overlapping(issuerFor().script, source)
        const error = yield* Effect.flip(manager.get)
        assert.strictEqual(error.code, "API_KEY_REJECTED")
        assert.lengthOf(calls, 1)
        assert.strictEqual((yield* Effect.flip(manager.get)).code, "API_KEY_REJECTED")
        assert.lengthOf(calls, 1)
      })
    )
  }

  it.effect("because its source does not return, does so after 5 s", () =>
    Effect.gen(function* () {
      const silent = () => new Promise<string>(() => undefined)
      const { calls, manager } = yield* overlapping(issuerFor().script, silent)
      const caller = yield* Effect.forkChild(Effect.flip(manager.get))
      yield* until("the first key is rejected", () => calls.length === 1)
      yield* settled
      yield* TestClock.adjust(4_999)
      yield* settled
      assert.isUndefined(caller.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* Fiber.join(caller)).code, "API_KEY_REJECTED")
    })
  )

  it.effect("is used as soon as it is available, while the rejection of the first one is active", () =>
    Effect.gen(function* () {
      let key: string | undefined
      const { calls, manager } = yield* overlapping(issuerFor(next).script, () => key)
      yield* Effect.flip(manager.get)
      key = next
      assert.match((yield* manager.get).reveal(), /^next/)
      assert.lengthOf(calls, 2)
    })
  )
})
