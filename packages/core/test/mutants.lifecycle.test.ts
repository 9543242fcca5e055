import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { scriptedStorage } from "./support/scriptedStorage.ts"
import { tokenResponse } from "./support/scriptedTransport.ts"
import { testManager } from "./support/testManager.ts"
import { passing, resting, settled, until } from "./support/turns.ts"

/** A manager whose first token is there, and is being saved without end. */
const saving = Effect.fnUntraced(function* () {
  const storage = scriptedStorage({ save: () => Effect.never })
  const test = yield* testManager({ script: () => undefined, storage })
  yield* Effect.forkChild(Effect.exit(test.manager.get))
  yield* until("the call is sent", () => test.calls.length === 1)
  const issue = Effect.fnUntraced(function* (response: Response) {
    test.calls[0]!.answer(response)
    yield* until("the token is being saved", () => storage.asked.includes("save"))
  })
  return { ...test, issue }
})

describe("a token that is being saved", () => {
  it.effect("TOK-2, TOK-5: and is due already is returned by hits, without another renewal beside that one", () =>
    Effect.gen(function* () {
      const { calls, issue, manager } = yield* saving()
      yield* TestClock.adjust(4_500)
      yield* issue(Response.json({ token: "token-1", lifetime: 5_000 }))
      for (let hits = 0; hits < 3; hits += 1) assert.strictEqual(manager.peek()?.reveal(), "token-1")
      yield* settled
      assert.lengthOf(calls, 1)
      // The storage's deadline and the grace: what waits for them is over.
      yield* passing(resting(manager))
    })
  )

  it.effect("RUN-2: when a dispose waits for that is had by nobody any more", () =>
    Effect.gen(function* () {
      const { dispose, issue, manager } = yield* saving()
      const disposing = yield* Effect.forkChild(dispose)
      yield* settled
      yield* issue(tokenResponse("token-1"))
      assert.isUndefined(disposing.pollUnsafe())
      assert.isUndefined(manager.peek())
      assert.strictEqual((yield* Effect.flip(manager.get)).code, "DISPOSED")
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(disposing)
    })
  )
})
