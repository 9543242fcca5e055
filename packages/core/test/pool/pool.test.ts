import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { ApiKeySources, PoolOptions } from "../../src/index.ts"
import { exampleProvider } from "../support/exampleProvider.ts"
import { manualClock } from "../support/manualClock.ts"
import { keyOf, testPool } from "../support/testPool.ts"
import { settled } from "../support/time.ts"

const ids = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, index) => `customer-${index}`)

const provider = exampleProvider()

describe("POOL-1: a pool", () => {
  it.effect("sets no timer, however many clients are open or were closed", () => {
    const time = manualClock()
    return Effect.gen(function* () {
      const { pool, token } = yield* testPool({ maxOpen: 10 })
      for (const id of ids(50)) yield* token(id)
      assert.strictEqual(pool.size(), 10)
      assert.strictEqual(time.timers(), 0)
    }).pipe(Effect.provideService(Clock.Clock, time.clock))
  })

  it.effect("ends all clients: waiting callers and later ones get DISPOSED", () =>
    Effect.gen(function* () {
      const { dispose, token } = yield* testPool({ script: () => undefined })
      const waiting = yield* Effect.forkChild(Effect.flip(token("a")))
      yield* settled
      const disposing = yield* Effect.forkChild(dispose)
      yield* settled
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(disposing)
      const errors = [yield* Fiber.join(waiting), yield* Effect.flip(token("a")), yield* Effect.flip(token("b"))]
      assert.deepStrictEqual(
        errors.map(({ code }) => code),
        ["DISPOSED", "DISPOSED", "DISPOSED"]
      )
    })
  )

  it.effect("calls the source of the key as a single client does: before every token request, with its id", () =>
    Effect.gen(function* () {
      const read: Array<string> = []
      const { token, withManager } = yield* testPool({
        connection: (id) => ({ provider, apiKey: async () => (read.push(id), keyOf(id)) })
      })
      for (const id of ["a", "b", "a"]) yield* token(id)
      yield* withManager("a", (manager) => Effect.flatMap(manager.get, manager.reject))
      yield* token("a")
      assert.deepStrictEqual(read, ["a", "b", "a"])
    })
  )

  it.effect("accepts an effect that a source returns", () =>
    Effect.gen(function* () {
      const apiKey = (id: string): ApiKeySources => (() => Effect.succeed(keyOf(id))) as never
      const { token } = yield* testPool({ connection: (id) => ({ provider, apiKey: apiKey(id) }) })
      assert.strictEqual(yield* token("a"), "token-of-a-2f6c1d8e7b3a4950-1")
    })
  )
})

describe("POOL-1: bad input", () => {
  for (const id of ["", "x".repeat(257), 7, undefined, null, {}] as Array<never>) {
    it.effect(`the id ${JSON.stringify(id)?.slice(0, 12)} is refused`, () =>
      Effect.gen(function* () {
        const { calls, token } = yield* testPool()
        const error = yield* Effect.flip(token(id))
        assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option: "id" })
        assert.lengthOf(calls, 0)
      })
    )
  }

  it.effect("any other string is an id", () =>
    Effect.gen(function* () {
      const names = ["__proto__", "constructor", "toString", " ", "a b", "é", "\u0000", "x".repeat(256)]
      const apiKey = (id: string) => () => keyOf(`${names.indexOf(id)}`)
      const { token } = yield* testPool({ connection: (id) => ({ provider, apiKey: apiKey(id) }) })
      for (const [index, id] of names.entries()) assert.include(yield* token(id), `token-of-${index}-`)
    })
  )

  it.effect("an id whose options are wrong fails with a typed error, and no other id does", () =>
    Effect.gen(function* () {
      const { token } = yield* testPool({
        connection: (id) => {
          if (id === "throws") throw new Error(`There is no customer with the key ${keyOf(id)}.`)
          if (id === "nothing") return undefined as never
          if (id === "unknown") return { provider, apiKey: keyOf(id), scope: "read" } as never
          if (id === "provider") return { provider: {} as never, apiKey: keyOf(id) }
          return { provider, apiKey: id === "literal" ? "two words" : keyOf(id) }
        }
      })
      const thrown = yield* Effect.flip(token("throws"))
      assert.notInclude(JSON.stringify(thrown) + thrown.message, keyOf("throws"))
      const errors = yield* Effect.forEach(["throws", "nothing", "unknown", "provider", "literal"], (id) =>
        Effect.map(Effect.flip(token(id)), ({ code }) => code)
      )
      assert.deepStrictEqual(errors, [
        "CREDENTIAL_SOURCE_FAILED",
        "CONFIG_INVALID",
        "CONFIG_INVALID",
        "CONFIG_INVALID",
        "API_KEY_MALFORMED"
      ])
      assert.include(yield* token("fine"), "token-of-fine")
    })
  )

  const wrong: ReadonlyArray<readonly [option: string, PoolOptions]> = [
    ["connection", {} as never],
    ["connection", { connection: "acme" } as never],
    ["maxOpen", { connection: () => ({ provider, apiKey: "k" }), maxOpen: 0 }],
    ["maxOpen", { connection: () => ({ provider, apiKey: "k" }), maxOpen: Infinity }],
    ["storageGrace", { connection: () => ({ provider, apiKey: "k" }), storageGrace: -1 }],
    ["apiKey", { connection: () => ({ provider, apiKey: "k" }), apiKey: "k" } as never]
  ]
  for (const [option, options] of wrong) {
    it.effect(`a wrong ${option} is refused when the pool is created`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          testPool("connection" in options ? options : { connection: undefined as never })
        )
        assert.deepStrictEqual(error.reason, { _tag: "ConfigInvalid", option })
      })
    )
  }
})
