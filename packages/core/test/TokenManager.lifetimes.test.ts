import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import type { AccessToken, TokenManager } from "../src/index.ts"
import { absurd } from "./support/absurd.ts"
import { jwtOf } from "./support/jwt.ts"
import { type Script, tokens } from "./support/scriptedTransport.ts"
import { testManager, type TestManagerOptions } from "./support/testManager.ts"

const now = 1_800_000_000_000
const hour = 3_600_000

const lifeOf = ({ expiresAt, issuedAt, lifetimeSource }: AccessToken) => [
  lifetimeSource,
  expiresAt === undefined ? undefined : expiresAt - issuedAt
]

const answering =
  (body: object, headers: HeadersInit = {}): Script =>
  () =>
    Response.json(body, { headers })

/** The first token of a client whose clock shows that time. */
const firstToken = Effect.fnUntraced(function* (options: TestManagerOptions, at = now) {
  yield* TestClock.setTime(at)
  const { manager } = yield* testManager(options)
  return yield* manager.get
})

describe("TOK-6: each token tells how its end is known", () => {
  const jwt = jwtOf({ iat: now / 1_000, exp: now / 1_000 + 900 })
  const assumed = { renewal: { assumedLifetime: "5 minutes" } } as const
  const cases: ReadonlyArray<readonly [what: string, options: TestManagerOptions, life: ReadonlyArray<unknown>]> = [
    [
      "declared as a time to live",
      { script: answering({ token: jwt, lifetime: 60_000 }), ...assumed },
      ["declared", 60_000]
    ],
    [
      "declared as an instant",
      { script: answering({ token: jwt, expiresAt: now + 60_000 }), ...assumed },
      ["declared", 60_000]
    ],
    ["told by a JWT", { script: answering({ token: jwt }), ...assumed }, ["jwt", 900_000]],
    ["assumed", { script: answering({ token: "opaque" }), ...assumed }, ["assumed", 300_000]],
    ["unknown", { script: answering({ token: "opaque" }) }, ["unknown", undefined]],
    ["a JWT whose end is absurd", { script: answering({ token: jwtOf({ exp: now }) }) }, ["unknown", undefined]]
  ]
  for (const [what, options, life] of cases) {
    it.effect(what, () => Effect.map(firstToken(options), (token) => assert.deepStrictEqual(lifeOf(token), life)))
  }

  for (const skew of [-24 * hour, -hour, hour, 24 * hour]) {
    it.effect(`TOK-9: by the issuer's clock, when ours is ${skew / hour} hours off`, () =>
      Effect.gen(function* () {
        const date = new Date(now).toUTCString()
        const declared = answering({ token: "opaque", expiresAt: now + 60_000 }, { date })
        assert.deepStrictEqual(lifeOf(yield* firstToken({ script: declared }, now + skew)), ["declared", 60_000])
        const told = answering({ token: jwtOf({ exp: now / 1_000 + 900 }) }, { date })
        assert.deepStrictEqual(lifeOf(yield* firstToken({ script: told }, now + skew)), ["jwt", 900_000])
        const cached = answering({ token: jwt }, { date: new Date(0).toUTCString(), age: "9" })
        assert.deepStrictEqual(lifeOf(yield* firstToken({ script: cached }, now + skew)), ["jwt", 900_000])
      })
    )
  }

  it.effect("TOK-9: an absurd declaration is passed over, and neither loops nor lasts for ever", () =>
    Effect.gen(function* () {
      const bodies = [
        ...absurd.filter((life) => !(life >= 1_000 && life < 1e11)).map((lifetime) => ({ lifetime })),
        ...absurd.filter((at) => !(at > now && at < now + 1e11)).map((expiresAt) => ({ expiresAt })),
        ...["60000", "1e400", null, {}, [60_000], true].map((lifetime) => ({ lifetime }))
      ]
      for (const body of bodies) {
        yield* TestClock.setTime(now)
        const readToken = () => ({ _tag: "Issued", token: "opaque", ...(body as object) }) as const
        const { calls, manager } = yield* testManager({ script: () => new Response(), provider: { readToken } })
        for (let hits = 0; hits < 20; hits += 1) {
          assert.deepStrictEqual(lifeOf(yield* manager.get), ["unknown", undefined], JSON.stringify(body))
          yield* TestClock.adjust("1 day")
        }
        assert.lengthOf(calls, 1)
      }
    })
  )
})

/** A token that is refused at that age, and the next one. */
const ended = Effect.fnUntraced(function* (
  manager: TokenManager["Service"],
  age: number,
  how?: Parameters<TokenManager["Service"]["reject"]>[1]
) {
  const token = yield* manager.get
  yield* TestClock.adjust(age)
  yield* manager.reject(token, how)
  return yield* manager.get
})

describe("TOK-6: a life is learned", () => {
  it.effect("from two expired refusals in a row that agree, and then nobody waits any more", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* testManager({ renewal: { jitter: 0 } })
      assert.deepStrictEqual(lifeOf(yield* ended(manager, 60_000, "expired")), ["unknown", undefined])
      assert.deepStrictEqual(lifeOf(yield* ended(manager, 63_000, "expired")), ["observed", 60_000])
      assert.strictEqual(manager.status().nextRenewalAt, 123_000 + 48_000)
      assert.lengthOf(calls, 3)
    })
  )

  it.effect("from nothing else: not from revocations, nor from refusals that nobody explained, nor in a second", () =>
    Effect.gen(function* () {
      for (const [how, age] of [
        ["invalid", 60_000],
        ["unknown", 60_000],
        [undefined, 60_000],
        ["expired", 999]
      ] as const) {
        const { manager } = yield* testManager()
        for (let count = 0; count < 5; count += 1) {
          assert.deepStrictEqual(lifeOf(yield* ended(manager, age, how)), ["unknown", undefined], how)
        }
      }
    })
  )

  it.effect(
    "a revocation in between does not count against two that agree, a straggler's refusal teaches nothing",
    () =>
      Effect.gen(function* () {
        const { manager } = yield* testManager()
        const first = yield* manager.get
        yield* ended(manager, 60_000, "expired")
        yield* TestClock.adjust(60_000)
        yield* manager.reject(first, "expired")
        yield* ended(manager, 20_000, "invalid")
        assert.deepStrictEqual(lifeOf(yield* ended(manager, 61_000, "expired")), ["observed", 60_000])
      })
  )

  it.effect("what a provider declares goes before what was learned", () =>
    Effect.gen(function* () {
      const script: Script = (call, index) =>
        index < 2 ? tokens(call, index) : Response.json({ token: "declared", lifetime: 900_000 })
      const { manager } = yield* testManager({ script })
      yield* ended(manager, 60_000, "expired")
      assert.deepStrictEqual(lifeOf(yield* ended(manager, 60_000, "expired")), ["declared", 900_000])
    })
  )

  it.effect("and put to the test by every 20th token, which is left to end by itself", () =>
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

  it.effect("so that it grows again when two of those lived longer", () =>
    Effect.gen(function* () {
      const { calls, manager } = yield* testManager()
      yield* ended(manager, 60_000, "expired")
      yield* ended(manager, 60_000, "expired")
      const lives: Array<number | undefined> = []
      while (calls.length < 45) {
        const token = yield* manager.get
        lives.push(token.expiresAt === undefined ? undefined : token.expiresAt - token.issuedAt)
        // The server's tokens live ten minutes by now; learned lives are renewed in time.
        const isOpen = token.expiresAt === undefined
        yield* ended(manager, isOpen ? 600_000 : 50_000, isOpen ? "expired" : "unknown")
      }
      assert.strictEqual(lives[0], 60_000)
      assert.strictEqual(lives.at(-1), 600_000)
    })
  )
})
