import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { grantClient, storedGrant } from "../support/grantClient.ts"
import { lost, refreshServer, responds } from "../support/refreshServer.ts"
import { sharedStorage } from "../support/scriptedStorage.ts"
import { whileTimePasses } from "../support/time.ts"

const failure = <A, E>(effect: Effect.Effect<A, E>) => Effect.flip(whileTimePasses(effect))

/** A response that says when to try again. */
const after = (status: number, seconds: number) =>
  responds(() => new Response("", { status, headers: { "retry-after": `${seconds}` } }))

describe("GRANT-1: a token endpoint that limits the rate", () => {
  it.effect("gets the refresh token again after a short wait, under the same intent", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      const states: Array<unknown> = []
      server.incidents.push(after(429, 2), (_, respond) => {
        states.push(storedGrant(storage)["state"])
        return respond()
      })
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      assert.strictEqual((yield* whileTimePasses(manager.get)).reveal(), "token-1")
      assert.deepStrictEqual(server.received, ["refresh-0", "refresh-0"])
      assert.deepStrictEqual(states, ["exchanging"])
      const { generation, interrupted, state } = storedGrant(storage)
      assert.deepStrictEqual([state, generation, interrupted], ["ok", 1, undefined])
    })
  )

  it.effect("does not get it again if its wait is longer than maxWait", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      server.incidents.push(after(429, 4))
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage, maxWait: 3_000 })
      assert.strictEqual((yield* failure(manager.get)).code, "RATE_LIMITED")
      assert.deepStrictEqual(server.received, ["refresh-0"])
      assert.strictEqual(storedGrant(storage)["state"], "ok")
    })
  )

  it.effect("does not get it again if the time of the intent does not last for the wait", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      server.incidents.push(after(429, 4), after(429, 4))
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      assert.strictEqual((yield* failure(manager.get)).code, "RATE_LIMITED")
      assert.lengthOf(server.received, 2)
      const { interrupted, refreshToken, state } = storedGrant(storage)
      assert.deepStrictEqual([state, refreshToken, interrupted], ["ok", "refresh-0", undefined])
    })
  )

  it.effect("does not get it again if the response to the next try is lost", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      server.incidents.push(after(429, 1), lost)
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      assert.strictEqual((yield* failure(manager.get)).code, "ISSUER_UNAVAILABLE")
      assert.lengthOf(server.received, 2)
      assert.strictEqual(storedGrant(storage)["state"], "exchanging")
    })
  )

  it.effect("does not get it again after status 503, which leaves open whether it was used", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      server.incidents.push(after(503, 1))
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage })
      assert.strictEqual((yield* failure(manager.get)).code, "ISSUER_UNAVAILABLE")
      assert.lengthOf(server.received, 1)
      assert.strictEqual(storedGrant(storage)["state"], "exchanging")
    })
  )
})

describe("TOK-8: the budget of all clients", () => {
  it.effect("counts each try of an exchange", () =>
    Effect.gen(function* () {
      const server = refreshServer()
      server.incidents.push(after(429, 1))
      const storage = sharedStorage()
      const { manager } = yield* grantClient({ server, storage, budget: { burst: 10, perSecond: 0.001 } })
      yield* whileTimePasses(manager.get)
      const { budget } = JSON.parse(storage.record().text) as { readonly budget: { readonly left: number } }
      assert.strictEqual(Math.round(budget.left), 8)
    })
  )
})
