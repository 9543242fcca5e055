import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Scope } from "effect/Scope"
import { type Script, status } from "../support/scriptedTransport.ts"
import { exampleProvider } from "../support/exampleProvider.ts"
import { keyOf, perKey, testPool, type TestPoolOptions } from "../support/testPool.ts"

type TestPool = Effect.Success<ReturnType<typeof testPool>>

/** A pool as its user sees it. */
type PoolUnderTest = Pick<TestPool, "token" | "request">

type Make = (options: TestPoolOptions) => Effect.Effect<PoolUnderTest, unknown, Scope>

/** Ids that differ little. */
const names = [
  "acme",
  "ACME",
  "acme ",
  "acme/eu",
  "acme-2",
  "emca",
  "acme\u0000",
  "\u00e9",
  "e\u0301",
  "__proto__",
  "1",
  "01",
  ...Array.from("abcdefgh")
]

const provider = exampleProvider()

/** Each id's key has the number of the id. */
const connection: NonNullable<TestPoolOptions["connection"]> = (id) => ({
  provider,
  apiKey: () => keyOf(`n${names.indexOf(id)}n`)
})

const belongsTo = (id: string, value: string): void => assert.include(value, `token-of-n${names.indexOf(id)}n-`, id)

/** Every id gets its own token, in whatever order they are used, whether they are open or closed. */
const ownTokens = (make: Make, maxOpen: number) =>
  Effect.gen(function* () {
    const { request, token } = yield* make({ connection, maxOpen })
    for (const id of names) belongsTo(id, yield* token(id))
    for (const id of [...names.toReversed(), ...names]) {
      belongsTo(id, yield* token(id))
      belongsTo(id, yield* request(id))
    }
    yield* Effect.forEach([...names, ...names], (id) => Effect.map(request(id), (sent) => belongsTo(id, sent)), {
      concurrency: "unbounded"
    })
  })

const deadKey =
  (script: Script = perKey()): Script =>
  (call, index) =>
    call.url.endsWith("/token") && call.authorization?.includes("n0n") === true ? status(401) : script(call, index)

/** One id's dead key, and its many calls, change nothing for the others. */
const ownCooldowns = (make: Make, maxOpen: number) =>
  Effect.gen(function* () {
    const { token } = yield* make({ connection, maxOpen, script: deadKey() })
    for (const id of names.slice(1)) {
      for (let again = 0; again < 20; again += 1) {
        const error = yield* Effect.flip(token("acme"))
        assert.deepInclude(error, { code: "API_KEY_REJECTED" })
      }
      belongsTo(id, yield* token(id))
    }
  })

/** One id that has used up its budget leaves the others theirs. */
const ownBudgets = (make: Make, maxOpen: number) =>
  Effect.gen(function* () {
    const script = perKey()
    const { token } = yield* make({
      connection,
      maxOpen,
      budget: { burst: 2 },
      script: (call, index) => (call.authorization?.includes("n0n") === true ? new Response("[]") : script(call, index))
    })
    const codes: Array<unknown> = []
    for (let again = 0; again < 4; again += 1) {
      codes.push(yield* Effect.map(Effect.flip(token("acme")), ({ code }) => code))
    }
    assert.deepStrictEqual(codes, [
      "TOKEN_RESPONSE_INVALID",
      "TOKEN_RESPONSE_INVALID",
      "TOKEN_REQUEST_LIMITED",
      "TOKEN_REQUEST_LIMITED"
    ])
    for (const id of names.slice(1)) belongsTo(id, yield* token(id))
  })

const contract = { ownTokens, ownCooldowns, ownBudgets } as const

const viaId =
  (idOf: (id: string) => string): Make =>
  (options) =>
    Effect.map(testPool(options), ({ request, token }) => ({
      token: (id) => token(idOf(id)),
      request: (id) => request(idOf(id))
    }))

const withConnection =
  (change: (from: typeof connection) => typeof connection, others: TestPoolOptions = {}): Make =>
  (options) =>
    testPool({ ...options, ...others, connection: change(options.connection ?? connection) })

/** Mistakes of a pool, and the parts of the contract that catch each of them. */
const wrongPools: Readonly<Record<string, readonly [make: Make, caughtBy: keyof typeof contract]>> = {
  "ignores the case of ids": [viaId((id) => id.toLowerCase()), "ownTokens"],
  "trims ids": [viaId((id) => id.trim()), "ownTokens"],
  "cuts ids": [viaId((id) => id.slice(0, 4)), "ownTokens"],
  "sorts the characters of ids": [viaId((id) => Array.from(id).toSorted().join("")), "ownTokens"],
  "normalizes ids": [viaId((id) => id.normalize("NFC")), "ownTokens"],
  "reads ids as numbers": [viaId((id) => (Number.isNaN(Number(id)) ? id : `${Number(id)}`)), "ownTokens"],
  "calls connection once for all": [
    withConnection((from) => {
      let first: ReturnType<typeof connection> | undefined
      return (id) => (first ??= from(id))
    }),
    "ownTokens"
  ],
  "passes the id that was opened last": [
    withConnection((from) => {
      let last = ""
      return (id) => {
        last = id
        return { ...from(id), apiKey: () => from(last).apiKey } as never
      }
    }),
    "ownTokens"
  ],
  "returns the token that was used last": [
    (options) =>
      Effect.map(testPool(options), ({ request, token }) => {
        let last: string | undefined
        return {
          request,
          token: (id) =>
            last === undefined
              ? Effect.tap(token(id), (value) => Effect.sync(() => (last = value)))
              : Effect.succeed(last)
        }
      }),
    "ownTokens"
  ],
  "remembers a rejection for all": [
    (options) =>
      Effect.map(testPool(options), ({ request, token }) => {
        let failed: Effect.Effect<string, any> | undefined
        return {
          request,
          token: (id) =>
            failed ?? Effect.tapError(token(id), (error) => Effect.sync(() => (failed = Effect.fail(error))))
        }
      }),
    "ownCooldowns"
  ],
  "has one budget for all": [
    (options) =>
      Effect.map(testPool(options), ({ request, token }) => {
        let left = 4
        return { request, token: (id) => ((left -= 1) < 0 ? token("acme") : token(id)) }
      }),
    "ownBudgets"
  ]
}

describe("POOL-2, POOL-4: two ids with different keys share neither a token, nor a cool-down, nor a budget", () => {
  for (const [name, part] of Object.entries(contract)) {
    for (const maxOpen of [1, 3, 1_000]) {
      it.effect(`${name}, with ${maxOpen} open at most`, () => part(testPool, maxOpen))
    }
  }
})

describe("POOL-2, POOL-4: the contract catches a pool that", () => {
  for (const [mistake, [make, caughtBy]] of Object.entries(wrongPools)) {
    it.effect(mistake, () =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(Effect.scoped(contract[caughtBy](make, 3)))
        assert.strictEqual(exit._tag, "Failure", `${caughtBy} did not catch it.`)
      })
    )
  }
})

describe("POOL-2: two ids with the same key", () => {
  it.effect("share its token, as two clients with one storage do", () =>
    Effect.gen(function* () {
      const { token, tokenRequests } = yield* testPool({ connection: () => ({ provider, apiKey: keyOf("one") }) })
      assert.strictEqual(yield* token("a"), yield* token("b"))
      assert.strictEqual(tokenRequests(), 1)
    })
  )
})
