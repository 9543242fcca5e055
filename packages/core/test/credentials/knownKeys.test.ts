import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { ApiKey, type ApiKeySource, Credentials } from "../../src/index.ts"
import { knownKeys } from "../../src/credentials/knownKeys.ts"

/** Adds a key, and removes it when the test ends: the keys are those of the whole process. */
const adding = (index: number) =>
  Effect.acquireRelease(
    Effect.sync(() => knownKeys.add(ApiKey.make(keyOf(index)))),
    () => Effect.sync(() => knownKeys.remove(ApiKey.make(keyOf(index))))
  )

const keyOf = (index: number) => `sk-live-2f6c1d8e-${index}-end`

describe("KEY-1, REQ-5: the keys of all clients", () => {
  it.effect("are recognised as a word of a header value, and other keys are not", () =>
    Effect.gen(function* () {
      assert.isFalse(knownKeys.areIn(`Bearer ${keyOf(1)}`))
      yield* adding(1)
      yield* adding(2)
      for (const value of [`Bearer ${keyOf(1)}`, keyOf(2), `a, ${keyOf(1)}`, `${keyOf(2)};q=1`, `x\t${keyOf(1)} `]) {
        assert.isTrue(knownKeys.areIn(value), value)
      }
      for (const value of [`Bearer ${keyOf(3)}`, `${keyOf(1)}x`, "", " ", "Bearer"]) {
        assert.isFalse(knownKeys.areIn(value), value)
      }
    })
  )

  it.effect("are known while at least one client uses them", () =>
    Effect.gen(function* () {
      knownKeys.add(ApiKey.make(keyOf(1)))
      knownKeys.add(ApiKey.make(keyOf(1)))
      knownKeys.remove(ApiKey.make(keyOf(1)))
      assert.isTrue(knownKeys.areIn(keyOf(1)))
      knownKeys.remove(ApiKey.make(keyOf(1)))
      knownKeys.remove(ApiKey.make(keyOf(1)))
      assert.isFalse(knownKeys.areIn(keyOf(1)))
      yield* adding(1)
      assert.isTrue(knownKeys.areIn(keyOf(1)))
    })
  )

  it.effect("do not include one of fewer than 8 characters, which may be an ordinary word", () =>
    Effect.gen(function* () {
      yield* Layer.build(Credentials.layer("json"))
      assert.isFalse(knownKeys.areIn("application, json"))
    })
  )

  it.effect("are those of the process, also of clients that are built apart", () =>
    Effect.gen(function* () {
      yield* Layer.build(Credentials.layer(keyOf(1)))
      assert.isTrue(knownKeys.areIn(keyOf(1)))
    })
  )

  it.effect(
    "are registered by all credentials: a literal at once, a function's key when it is read, until their client ends",
    () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const built = (source: ApiKeySource) => Layer.buildWithScope(Credentials.layer(source), scope)
        yield* built(keyOf(1))
        assert.isTrue(knownKeys.areIn(keyOf(1)))
        const { sources } = Context.get(yield* built(() => keyOf(2)), Credentials)
        assert.isFalse(knownKeys.areIn(keyOf(2)))
        yield* sources[0].current
        assert.isTrue(knownKeys.areIn(keyOf(2)))
        yield* Scope.close(scope, Exit.void)
        assert.isFalse(knownKeys.areIn(keyOf(1)))
        assert.isFalse(knownKeys.areIn(keyOf(2)))
      })
  )
})

describe("KEY-1, REQ-5: the keys that a client has used", () => {
  it.effect("are limited to its last eight, so that rotation does not use more memory", () =>
    Effect.gen(function* () {
      let index = 0
      const source = () => keyOf((index += 1))
      const { areIn, sources } = Context.get(yield* Layer.build(Credentials.layer(source)), Credentials)
      for (let again = 0; again < 9; again += 1) yield* sources[0].current
      for (const [key, isKnown] of [
        [keyOf(1), false],
        [keyOf(2), true],
        [keyOf(9), true],
        [keyOf(10), false]
      ] as const) {
        assert.strictEqual(areIn(`/x?key=${key}`), isKnown, key)
        assert.strictEqual(knownKeys.areIn(key), isKnown, key)
      }
    })
  )

  it.effect("are known after prime, which reads each source once and never fails", () =>
    Effect.gen(function* () {
      let reads = 0
      const broken = () => {
        reads += 1
        throw new Error("no key")
      }
      const layer = Credentials.layer([broken, Effect.succeed(keyOf(2))])
      const { areIn, prime } = Context.get(yield* Layer.build(layer), Credentials)
      assert.isFalse(areIn(keyOf(2)))
      yield* prime
      yield* prime
      assert.isTrue(areIn(keyOf(2)))
      assert.strictEqual(reads, 1)
    })
  )
})
