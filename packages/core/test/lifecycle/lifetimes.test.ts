import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import type { AccessToken, TokenManager } from "../../src/index.ts"
import { implausible } from "../support/implausible.ts"
import { jwtOf } from "../support/jwt.ts"
import { type Script, tokens } from "../support/scriptedTransport.ts"
import { testManager, type TestManagerOptions } from "../support/testManager.ts"

const now = 1_800_000_000_000
const hour = 3_600_000

const lifetimeOf = ({ expiresAt, issuedAt, lifetimeSource }: AccessToken) => [
  lifetimeSource,
  expiresAt === undefined ? undefined : expiresAt - issuedAt
]

const apiScript =
  (body: object, headers: HeadersInit = {}): Script =>
  () =>
    Response.json(body, { headers })

/** The first token of a client whose clock shows this time. */
const firstToken = Effect.fnUntraced(function* (options: TestManagerOptions, at = now) {
  yield* TestClock.setTime(at)
  const { manager } = yield* testManager(options)
  return yield* manager.get
})

describe("TOK-6: the lifetime of a token", () => {
  const jwt = jwtOf({ iat: now / 1_000, exp: now / 1_000 + 900 })
  const assumed = { renewal: { assumedLifetime: "5 minutes" } } as const
  const cases: ReadonlyArray<readonly [what: string, options: TestManagerOptions, life: ReadonlyArray<unknown>]> = [
    [
      "declared as a duration",
      { script: apiScript({ token: jwt, lifetime: 60_000 }), ...assumed },
      ["declared", 60_000]
    ],
    [
      "declared as an instant",
      { script: apiScript({ token: jwt, expiresAt: now + 60_000 }), ...assumed },
      ["declared", 60_000]
    ],
    ["declared by a JWT", { script: apiScript({ token: jwt }), ...assumed }, ["jwt", 900_000]],
    ["assumed", { script: apiScript({ token: "opaque" }), ...assumed }, ["assumed", 300_000]],
    ["unknown", { script: apiScript({ token: "opaque" }) }, ["unknown", undefined]],
    ["a JWT with an implausible expiry", { script: apiScript({ token: jwtOf({ exp: now }) }) }, ["unknown", undefined]]
  ]
  for (const [what, options, life] of cases) {
    it.effect(what, () => Effect.map(firstToken(options), (token) => assert.deepStrictEqual(lifetimeOf(token), life)))
  }

  for (const skew of [-24 * hour, -hour, hour, 24 * hour]) {
    it.effect(`TOK-9: by the issuer's clock, when ours is ${skew / hour} hours off`, () =>
      Effect.gen(function* () {
        const date = new Date(now).toUTCString()
        const declared = apiScript({ token: "opaque", expiresAt: now + 60_000 }, { date })
        assert.deepStrictEqual(lifetimeOf(yield* firstToken({ script: declared }, now + skew)), ["declared", 60_000])
        const eventsOf = apiScript({ token: jwtOf({ exp: now / 1_000 + 900 }) }, { date })
        assert.deepStrictEqual(lifetimeOf(yield* firstToken({ script: eventsOf }, now + skew)), ["jwt", 900_000])
        const cached = apiScript({ token: jwt }, { date: new Date(0).toUTCString(), age: "9" })
        assert.deepStrictEqual(lifetimeOf(yield* firstToken({ script: cached }, now + skew)), ["jwt", 900_000])
      })
    )
  }

  it.effect("TOK-9: an implausible declaration is ignored, and causes neither a loop nor an endless token", () =>
    Effect.gen(function* () {
      const bodies = [
        ...implausible.filter((life) => !(life >= 1_000 && life < 1e11)).map((lifetime) => ({ lifetime })),
        ...implausible.filter((at) => !(at > now && at < now + 1e11)).map((expiresAt) => ({ expiresAt })),
        ...["60000", "1e400", null, {}, [60_000], true].map((lifetime) => ({ lifetime }))
      ]
      for (const body of bodies) {
        yield* TestClock.setTime(now)
        const readTokenResponse = () => ({ _tag: "Issued", token: "opaque", ...(body as object) }) as const
        const { calls, manager } = yield* testManager({ script: () => new Response(), provider: { readTokenResponse } })
        for (let hits = 0; hits < 20; hits += 1) {
          assert.deepStrictEqual(lifetimeOf(yield* manager.get), ["unknown", undefined], JSON.stringify(body))
          yield* TestClock.adjust("1 day")
        }
        assert.lengthOf(calls, 1)
      }
    })
  )
})

/** Rejects the current token at this age, and gets the next one. */
const ended = Effect.fnUntraced(function* (
  manager: TokenManager["Service"],
  age: number,
  reason?: Parameters<TokenManager["Service"]["reject"]>[1]
) {
  const token = yield* manager.get
  yield* TestClock.adjust(age)
  yield* manager.reject(token, reason)
  return yield* manager.get
})

describe("TOK-6: a lifetime is learned", () => {
  it.effect("from two expired tokens in a row that agree; from then on no caller waits", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* testManager({ renewal: { jitter: 0 } })
      assert.deepStrictEqual(lifetimeOf(yield* ended(manager, 60_000, "expired")), ["unknown", undefined])
      assert.deepStrictEqual(lifetimeOf(yield* ended(manager, 63_000, "expired")), ["observed", 60_000])
      assert.strictEqual(manager.status().nextRenewalAt, 123_000 + 48_000)
      assert.lengthOf(calls, 3)
    })
  )

  it.effect("from nothing else: neither from revocations, unexplained rejections, nor within a second", () =>
    Effect.gen(function* () {
      for (const [reason, age] of [
        ["invalid", 60_000],
        ["unknown", 60_000],
        [undefined, 60_000],
        ["expired", 999]
      ] as const) {
        const { manager } = yield* testManager()
        for (let count = 0; count < 5; count += 1) {
          assert.deepStrictEqual(lifetimeOf(yield* ended(manager, age, reason)), ["unknown", undefined], reason)
        }
      }
    })
  )

  it.effect("despite a revocation in between, and late rejections of older tokens teach nothing", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager()
      const first = yield* manager.get
      yield* ended(manager, 60_000, "expired")
      yield* TestClock.adjust(60_000)
      yield* manager.reject(first, "expired")
      yield* ended(manager, 20_000, "invalid")
      assert.deepStrictEqual(lifetimeOf(yield* ended(manager, 61_000, "expired")), ["observed", 60_000])
    })
  )

  it.effect("but a lifetime that the provider declares comes first", () =>
    Effect.gen(function* () {
      const script: Script = (call, index) =>
        index < 2 ? tokens(call, index) : Response.json({ token: "declared", lifetime: 900_000 })
      const { manager } = yield* testManager({ script })
      yield* ended(manager, 60_000, "expired")
      assert.deepStrictEqual(lifetimeOf(yield* ended(manager, 60_000, "expired")), ["declared", 900_000])
    })
  )

  it.effect("and tested by every 20th token, which is left to expire by itself", () =>
    Effect.gen(function* () {
      const { manager } = yield* testManager()
      yield* ended(manager, 60_000, "expired")
      yield* ended(manager, 60_000, "expired")
      const sources = [(yield* manager.get).lifetimeSource]
      while (sources.length < 60) sources.push((yield* ended(manager, 2_000)).lifetimeSource)
      const open = sources.flatMap((source, index) => (source === "observed" ? [] : [index + 3]))
      assert.deepStrictEqual(open, [20, 40, 60])
    })
  )

  it.effect("again when two of those lived longer", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* testManager()
      yield* ended(manager, 60_000, "expired")
      yield* ended(manager, 60_000, "expired")
      const lives: Array<number | undefined> = []
      while (calls.length < 45) {
        const token = yield* manager.get
        lives.push(token.expiresAt === undefined ? undefined : token.expiresAt - token.issuedAt)
        // The server's tokens live ten minutes now; learned lifetimes are renewed in time.
        const isOpen = token.expiresAt === undefined
        yield* ended(manager, isOpen ? 600_000 : 50_000, isOpen ? "expired" : "unknown")
      }
      assert.strictEqual(lives[0], 60_000)
      assert.strictEqual(lives.at(-1), 600_000)
    })
  )
})
