import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ApiKey, Credentials } from "../src/index.ts"
import { KnownKeys } from "../src/internal/KnownKeys.ts"

const keyOf = (index: number) => `sk-live-2f6c1d8e-${index}-end`

describe("KEY-1: the keys in use", () => {
  it.effect("are recognised in a text, each of them, and others are not", () =>
    Effect.gen(function* () {
      const known = yield* KnownKeys
      assert.isFalse(known.isIn(`Bearer ${keyOf(1)}`))
      known.add(ApiKey.make(keyOf(1)))
      known.add(ApiKey.make(keyOf(2)))
      assert.isTrue(known.isIn(`Bearer ${keyOf(1)}`))
      assert.isTrue(known.isIn(`/x?key=${keyOf(2)}`))
      assert.isFalse(known.isIn(`Bearer ${keyOf(3)}`))
    }).pipe(Effect.provide(KnownKeys.layer))
  )

  it.effect("are remembered up to 64, the oldest forgotten first; one key counts once however often it is added", () =>
    Effect.gen(function* () {
      const known = yield* KnownKeys
      for (let index = 0; index < 64; index += 1) {
        for (let again = 0; again < 3; again += 1) known.add(ApiKey.make(keyOf(index)))
      }
      assert.isTrue(known.isIn(keyOf(0)))
      known.add(ApiKey.make(keyOf(64)))
      assert.isFalse(known.isIn(keyOf(0)))
      assert.isTrue(known.isIn(keyOf(1)))
      assert.isTrue(known.isIn(keyOf(64)))
    }).pipe(Effect.provide(KnownKeys.layer))
  )

  it.effect(
    "are shared by all credentials that are built together: a literal at once, a function's when it answers",
    () =>
      Effect.gen(function* () {
        const known = yield* KnownKeys
        yield* Layer.build(Credentials.layer(keyOf(1)))
        assert.isTrue(known.isIn(keyOf(1)))
        const credentials = yield* Layer.build(Credentials.layer(() => keyOf(2)))
        assert.isFalse(known.isIn(keyOf(2)))
        yield* Effect.provideContext(
          Credentials.use(({ current }) => current),
          credentials
        )
        assert.isTrue(known.isIn(keyOf(2)))
      }).pipe(Effect.provide(KnownKeys.layer))
  )
})
