import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import type { TokenManager } from "../../src/index.ts"
import { implausible } from "../support/implausible.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { type Script, status, tokens } from "../support/scriptedTransport.ts"
import { apiKey, testManager } from "../support/testManager.ts"

/** Rejects the current token as expired at this age, and gets the next one. */
const expired = Effect.fnUntraced(function* (manager: TokenManager["Service"], age = 60_000) {
  const token = yield* manager.get
  yield* TestClock.adjust(age)
  yield* manager.reject(token, "expired")
  return yield* manager.get
})

describe("TOK-6: learned lifetimes are shared through the storage", () => {
  it.effect("as an estimate and a first observation", () =>
    Effect.gen(function* () {
      const storage = scriptedStorage()
      const first = yield* testManager({ storage })
      yield* expired(first.manager)
      const second = yield* testManager({ storage, script: () => Response.json({ token: "second" }) })
      assert.strictEqual((yield* expired(second.manager)).lifetimeSource, "observed")
      const third = yield* testManager({ storage, script: () => Response.json({ token: "third" }) })
      yield* third.manager.reject(yield* third.manager.get)
      const token = yield* third.manager.get
      assert.deepStrictEqual(
        [token.reveal(), token.lifetimeSource, token.expiresAt! - token.issuedAt],
        ["third", "observed", 60_000]
      )
    })
  )

  it.effect("TOK-9: implausible values in a record are ignored, and its token is kept", () =>
    Effect.gen(function* () {
      const implausibleValue: ReadonlyArray<unknown> = [
        ...implausible.filter((life) => !(life >= 1_000 && life < 1e11)),
        "60000",
        null,
        {},
        [60_000],
        true,
        "\u0000"
      ]
      const observed = [
        ...implausibleValue.map((estimate) => ({ estimate })),
        ...implausibleValue.map((last) => ({ last })),
        ...implausibleValue,
        JSON.parse('{"__proto__":{"estimate":60000,"last":60000}}') as unknown
      ]
      const token = { id: "7f3a", value: "token-stored", issuedAt: 0 }
      for (const value of observed) {
        const storage = scriptedStorage()
        const text = JSON.stringify(value)
        storage.override({
          load: (name) => Effect.succeed({ text: JSON.stringify({ name, token, observed: value }), fence: 1 })
        })
        const { manager } = yield* testManager({ storage })
        const stored = yield* manager.get
        assert.strictEqual(stored.reveal(), "token-stored", text)
        yield* manager.reject(stored)
        assert.strictEqual((yield* manager.get).lifetimeSource, "unknown", text)
      }
    })
  )

  it.effect("TOK-9: a number that JSON cannot represent makes neither an endless token nor an endless estimate", () =>
    Effect.gen(function* () {
      const texts = [
        '{"id":"7f3a","value":"token-stored","issuedAt":1e400}',
        '{"id":"7f3a","value":"token-stored","issuedAt":-1e400,"expiresAt":60000}',
        '{"id":"7f3a","value":"token-stored","issuedAt":0,"expiresAt":1e400}',
        '{"id":"7f3a","value":"token-stored","issuedAt":0,"expiresAt":-0}',
        '{"id":"7f3a","value":"token-stored","issuedAt":60000,"expiresAt":0}',
        '{"id":"7f3a","value":"token-stored","issuedAt":0,"expiresAt":900}'
      ]
      for (const text of texts) {
        const storage = scriptedStorage()
        storage.override({
          load: (name) => Effect.succeed({ text: `{"name":"${name}","token":${text}}`, fence: 1 })
        })
        const { manager } = yield* testManager({ storage })
        assert.strictEqual((yield* manager.get).reveal(), "token-1", text)
      }
    })
  )
})

describe("TOK-6: learned lifetimes belong to one credential", () => {
  it.effect("and are not applied to another key", () =>
    Effect.gen(function* () {
      let key = apiKey
      const { manager } = yield* testManager({ source: () => key })
      yield* expired(manager)
      assert.strictEqual((yield* expired(manager)).lifetimeSource, "observed")
      key = `${apiKey}-rotated`
      yield* manager.reject(yield* manager.get)
      assert.strictEqual((yield* manager.get).lifetimeSource, "unknown")
      assert.strictEqual((yield* expired(manager)).lifetimeSource, "unknown")
      assert.strictEqual((yield* expired(manager)).lifetimeSource, "observed")
    })
  )

  it.effect("KEY-3: and are kept while a first key is rejected from time to time and a second one is used", () =>
    Effect.gen(function* () {
      const script: Script = (call, index) =>
        call.authorization === `Bearer ${apiKey}` ? status(401) : tokens(call, index)
      const { calls, manager } = yield* testManager({ script, source: [apiKey, `${apiKey}-next`] })
      for (let count = 0; count < 2; count += 1) yield* expired(manager, 900_000)
      const token = yield* manager.get
      assert.deepStrictEqual([token.lifetimeSource, token.expiresAt! - token.issuedAt], ["observed", 900_000])
      // The rejected key was tried each time, because its cool-down had ended.
      assert.lengthOf(calls, 6)
    })
  )
})
