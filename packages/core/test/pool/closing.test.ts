import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { scriptedStorage, sharedStorage } from "../support/scriptedStorage.ts"
import { type Call, type Script, status, tokenResponse } from "../support/scriptedTransport.ts"
import { perKey, testPool, type TestPoolOptions } from "../support/testPool.ts"
import { settled, until } from "../support/time.ts"

/** A pool with one open client at a time. */
const narrowPool = Effect.fnUntraced(function* (options: TestPoolOptions = {}) {
  const test = yield* testPool({ maxOpen: 1, ...options })
  return {
    ...test,
    /** Uses another client, so that all others are closed. */
    closeOthers: Effect.gen(function* () {
      yield* Effect.exit(test.token("other"))
      assert.isAtMost(test.pool.size(), 2)
    })
  }
})

const isTokenRequest = ({ url }: Call): boolean => url.endsWith("/token")

/** As `perKey`, but rejects some keys. */
const rejecting =
  (...names: ReadonlyArray<string>): Script =>
  (call, index) =>
    isTokenRequest(call) && names.some((name) => call.authorization?.includes(name))
      ? status(401)
      : issuing(call, index)

const issuing = perKey()

describe("POOL-3: when there are more clients than may be open", () => {
  it.effect("the one that was used least recently is closed", () =>
    Effect.gen(function* () {
      const { pool, storage, token } = yield* testPool({ maxOpen: 3 })
      for (const id of ["a", "b", "c", "a", "d"]) yield* token(id)
      assert.strictEqual(pool.size(), 3)
      const loads = () => storage.operations.filter((operation) => operation === "load").length
      const before = loads()
      for (const id of ["a", "c", "d"]) yield* token(id)
      assert.strictEqual(loads(), before, "These are open.")
      yield* token("b")
      assert.isAbove(loads(), before, "This one was closed.")
    })
  )

  it.effect("its next call takes the token from the storage, without a token request", () =>
    Effect.gen(function* () {
      const { closeOthers, token, tokenRequests } = yield* narrowPool()
      const before = yield* token("a")
      yield* closeOthers
      assert.strictEqual(yield* token("a"), before)
      assert.strictEqual(tokenRequests(), 2)
    })
  )

  it.effect("a client whose request is under way is not closed, and closed after it", () =>
    Effect.gen(function* () {
      let answer: Call["respond"] = () => undefined
      const script = perKey()
      let sent = 0
      const { closeOthers, pool, request, tokenRequests } = yield* narrowPool({
        script: (call, index) => {
          if (!call.url.endsWith("/slow")) return script(call, index)
          sent += 1
          answer = call.respond
          return undefined
        }
      })
      const slow = yield* Effect.forkChild(request("a", "/slow"))
      yield* until("the request is sent", () => sent === 1)
      yield* closeOthers
      answer(status(401))
      yield* until("the request is repeated", () => sent === 2)
      yield* closeOthers
      assert.strictEqual(tokenRequests(), 3, "Two for a, and one for the other.")
      answer(new Response("late"))
      assert.strictEqual(yield* Fiber.join(slow), "late")
      yield* closeOthers
      assert.strictEqual(pool.size(), 1)
    })
  )

  it.effect("a client that callers wait for is not closed, nor one that renews in the background", () =>
    Effect.gen(function* () {
      const open: Array<Call> = []
      const { closeOthers, token, withManager } = yield* narrowPool({
        script: (call, index) => {
          if (call.authorization?.includes("other") === true) return issuing(call, index)
          open.push(call)
          return undefined
        }
      })
      const first = yield* Effect.forkChild(token("a"))
      yield* until("the token is requested", () => open.length === 1)
      yield* closeOthers
      open[0]?.respond(Response.json({ token: "token-a-1", lifetime: 100_000 }))
      assert.strictEqual(yield* Fiber.join(first), "token-a-1")
      yield* TestClock.adjust("90 seconds")
      // Near its end, the token is returned and renewed in the background.
      assert.strictEqual(yield* token("a"), "token-a-1")
      yield* until("the token is renewed", () => open.length === 2)
      yield* closeOthers
      open[1]?.respond(tokenResponse("token-a-2"))
      yield* settled
      assert.strictEqual(yield* withManager("a", (manager) => Effect.sync(() => manager.peek()?.reveal())), "token-a-2")
    })
  )
})

describe("POOL-3: a client that was closed and opened again", () => {
  for (const [what, storage] of [
    ["without leases", scriptedStorage],
    ["with leases", sharedStorage]
  ] as const) {
    it.effect(`still applies the cool-down of its rejected key, and makes the next one longer, ${what}`, () =>
      Effect.gen(function* () {
        const { closeOthers, token, tokenRequests } = yield* narrowPool({
          script: rejecting("dead"),
          storage: storage()
        })
        assert.strictEqual((yield* Effect.flip(token("dead"))).retryAt, 30_000)
        yield* closeOthers
        const sent = tokenRequests()
        for (let again = 0; again < 5; again += 1) {
          const error = yield* Effect.flip(token("dead"))
          assert.deepStrictEqual([error.code, error.retryAt], ["API_KEY_REJECTED", 30_000])
          yield* closeOthers
        }
        assert.strictEqual(tokenRequests(), sent)
        yield* TestClock.adjust("30 seconds")
        assert.strictEqual((yield* Effect.flip(token("dead"))).retryAt, 30_000 + 60_000)
      })
    )
  }

  it.effect("sends a key again after retryKey, although the storage has its rejection", () =>
    Effect.gen(function* () {
      const { closeOthers, token, tokenRequests, withManager } = yield* narrowPool({
        provider: { readTokenResponse: () => ({ _tag: "KeyRejected", documented: true }) },
        storage: sharedStorage()
      })
      yield* Effect.flip(token("dead"))
      yield* TestClock.adjust(1_000)
      yield* withManager("dead", (manager) => Effect.sync(manager.retryKey))
      yield* closeOthers
      const sent = tokenRequests()
      yield* Effect.flip(token("dead"))
      assert.strictEqual(tokenRequests(), sent + 1)
    })
  )

  it.effect("has no larger budget than before", () =>
    Effect.gen(function* () {
      const { closeOthers, token, withManager } = yield* narrowPool({
        budget: { burst: 3 },
        storage: scriptedStorage()
      })
      const codes: Array<string> = []
      for (let round = 0; round < 5; round += 1) {
        codes.push(
          yield* token("a").pipe(
            Effect.as("issued"),
            Effect.catch(({ code }) => Effect.succeed(code))
          )
        )
        yield* withManager("a", (manager) => Effect.suspend(() => manager.reject(manager.peek() ?? "none")))
        yield* closeOthers
      }
      assert.deepStrictEqual(codes, ["issued", "issued", "issued", "TOKEN_REQUEST_LIMITED", "TOKEN_REQUEST_LIMITED"])
      yield* TestClock.adjust(1_000)
      assert.include(yield* token("a"), "token-of-a")
    })
  )

  it.effect("TOK-4: does not use the rejected token again, which the storage still has", () =>
    Effect.gen(function* () {
      const { closeOthers, token, withManager } = yield* narrowPool()
      const rejected = yield* token("a")
      yield* withManager("a", (manager) => manager.reject(rejected))
      yield* closeOthers
      yield* closeOthers
      assert.notStrictEqual(yield* token("a"), rejected)
    })
  )

  it.effect("still knows what it learned of the lifetime of tokens, also if that could not be saved", () =>
    Effect.gen(function* () {
      let isDown = false
      const { closeOthers, token, withManager } = yield* narrowPool({
        script: (call, index) => (isDown && call.authorization?.includes("-a-") ? status(500) : issuing(call, index))
      })
      for (let round = 0; round < 2; round += 1) {
        yield* token("a")
        yield* TestClock.adjust("100 seconds")
        isDown = round === 1
        yield* withManager("a", (manager) => Effect.flatMap(manager.get, (good) => manager.reject(good, "expired")))
      }
      yield* closeOthers
      isDown = false
      const learned = yield* withManager("a", ({ get }) => get)
      assert.deepStrictEqual(
        [learned.lifetimeSource, (learned.expiresAt ?? 0) - learned.issuedAt],
        ["observed", 100_000]
      )
    })
  )
})
