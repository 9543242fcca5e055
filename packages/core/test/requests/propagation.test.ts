import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { status, type Script } from "../support/scriptedTransport.ts"
import { testClient } from "../support/testClient.ts"
import { settled, until } from "../support/time.ts"

/** Rejects the first token. */
const rejectingFirst: Script = ({ authorization }) =>
  authorization === "Bearer token-1" ? status(401) : new Response("ok")

const clientOf = (propagation: number) => testClient({ apiScript: rejectingFirst, provider: { propagation } })

describe("TOK-11: a new token for a replay", () => {
  it.effect("is not sent before the provider's propagation time is over; the first token is sent at once", () =>
    Effect.gen(function* () {
      const { client, issued, sent } = yield* clientOf(500)
      const request = yield* Effect.forkChild(client.request("/x"))
      yield* until("the token is renewed", () => issued.length === 2)
      yield* settled
      yield* TestClock.adjust(499)
      yield* settled
      assert.lengthOf(sent, 1)
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* Fiber.join(request)).status, 200)
      assert.deepStrictEqual(sent, [
        { at: 0, authorization: "Bearer token-1" },
        { at: 500, authorization: "Bearer token-2" }
      ])
    })
  )

  it.effect("waits only for the rest of that time, and a request on the cached token does not wait", () =>
    Effect.gen(function* () {
      const { client, issued, manager, sent } = yield* clientOf(500)
      yield* TestClock.adjust(1_000)
      const first = yield* manager.get
      yield* manager.reject(first)
      yield* manager.get
      yield* TestClock.adjust(200)
      yield* client.request("/x")
      assert.deepStrictEqual(sent, [{ at: 1_200, authorization: "Bearer token-2" }])
      const late = yield* Effect.forkChild(manager.propagated(first))
      yield* settled
      assert.isDefined(late.pollUnsafe(), "There is nothing to wait for with a token that is not in use.")
      // A late 401 for the first token leads to the second one, which is 200 ms old.
      const waiting = yield* Effect.forkChild(manager.propagated(yield* manager.get))
      yield* settled
      yield* TestClock.adjust(299)
      yield* settled
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust(1)
      yield* Fiber.join(waiting)
      yield* manager.propagated(yield* manager.get)
      assert.lengthOf(issued, 2)
    })
  )

  it.effect("is sent at once if the provider needs no time, and the wait adds no request", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* clientOf(0)
      yield* client.request("/x")
      assert.deepStrictEqual(
        sent.map(({ at }) => at),
        [0, 0]
      )
    })
  )

  it.effect("RUN-2: is not sent after dispose: the caller fails at once", () =>
    Effect.gen(function* () {
      const { client, dispose, issued, sent } = yield* clientOf(60_000)
      const request = yield* Effect.forkChild(Effect.flip(client.request("/x")))
      yield* until("the token is renewed", () => issued.length === 2)
      yield* settled
      yield* dispose
      assert.strictEqual((yield* Fiber.join(request)).code, "DISPOSED")
      yield* TestClock.adjust("2 minutes")
      assert.lengthOf(sent, 1)
    })
  )
})
