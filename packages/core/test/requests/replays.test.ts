import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { type Script, status } from "../support/scriptedTransport.ts"
import { testClient } from "../support/testClient.ts"
import { settled, until, whileTimePasses } from "../support/time.ts"

/** Rejects the first token at once, and the token of the replay at the given age, in milliseconds. */
const rejectedTwice = Effect.fnUntraced(function* (age: number, accepted: string, propagation = 0) {
  const apiScript: Script = ({ authorization }, index) => {
    if (index === 1) return undefined
    return authorization === `Bearer ${accepted}` ? new Response("ok") : status(401)
  }
  const { calls, client, issued, sent } = yield* testClient({ apiScript, provider: { propagation } })
  const request = yield* Effect.forkChild(Effect.result(client.request("/x")))
  yield* until("the token is renewed", () => issued.length === 2)
  yield* settled
  yield* TestClock.adjust(propagation)
  yield* until("the request is repeated", () => sent.length === 2)
  yield* TestClock.adjust(age - propagation)
  calls.filter(({ url }) => url.endsWith("/x"))[1]!.respond(status(401))
  const result = yield* whileTimePasses(Fiber.join(request))
  return {
    outcome: result._tag === "Success" ? result.success.status : result.failure.code,
    sent: sent.map(({ authorization }) => authorization)
  }
})

describe("REQ-1: a request that is rejected again after its replay", () => {
  it.effect("is not repeated if the replay's token was younger than 1 s: the next one would be rejected as well", () =>
    Effect.gen(function* () {
      const { outcome, sent } = yield* rejectedTwice(999, "token-3")
      assert.strictEqual(outcome, "TOKEN_EXPIRED")
      assert.deepStrictEqual(sent, ["Bearer token-1", "Bearer token-2"])
    })
  )

  it.effect("is repeated if the replay's token was older: it may have expired on the way", () =>
    Effect.gen(function* () {
      const { outcome, sent } = yield* rejectedTwice(1_000, "token-3")
      assert.strictEqual(outcome, 200)
      assert.deepStrictEqual(sent, ["Bearer token-1", "Bearer token-2", "Bearer token-3"])
    })
  )

  it.effect("TOK-11: counts as new for the provider's propagation longer", () =>
    Effect.gen(function* () {
      const young = yield* rejectedTwice(1_499, "token-3", 500)
      assert.lengthOf(young.sent, 2)
      const old = yield* rejectedTwice(1_500, "token-3", 500)
      assert.deepStrictEqual([old.outcome, old.sent.length], [200, 3])
    })
  )

  it.effect("is sent three times at most, however old its tokens are", () =>
    Effect.gen(function* () {
      const { outcome, sent } = yield* rejectedTwice(60_000, "no token")
      assert.strictEqual(outcome, "TOKEN_EXPIRED")
      assert.lengthOf(sent, 3)
    })
  )
})

describe("REQ-1, OBS-1: 200 concurrent requests that are rejected with one token", () => {
  it.effect("report one rejection, renew once, and are each repeated once", () =>
    Effect.gen(function* () {
      let classified = 0
      const { client, events, issued, sent } = yield* testClient({
        apiScript: ({ authorization }) => (authorization === "Bearer token-1" ? status(401) : new Response("ok")),
        provider: {
          classify: () => {
            classified += 1
            return { _tag: "TokenExpired" }
          }
        }
      })
      const requests = Array.from({ length: 200 }, () => client.request("/x"))
      const responses = yield* Effect.all(requests, { concurrency: "unbounded" })
      assert.deepStrictEqual(new Set(responses.map((response) => response.status)), new Set([200]))
      assert.strictEqual(classified, 1)
      assert.lengthOf(
        events.filter(({ type }) => type === "rejected"),
        1
      )
      assert.lengthOf(issued, 2)
      assert.lengthOf(sent, 400)
    })
  )
})
