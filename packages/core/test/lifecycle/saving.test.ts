import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { tokenResponse } from "../support/scriptedTransport.ts"
import { testManager } from "../support/testManager.ts"
import { whileTimePasses, untilIdle, settled, until } from "../support/time.ts"

/** A manager that has its first token, whose save never ends. */
const saving = Effect.fnUntraced(function* () {
  const storage = scriptedStorage({ save: () => Effect.never })
  const test = yield* testManager({ script: () => undefined, storage })
  yield* Effect.forkChild(Effect.exit(test.manager.get))
  yield* until("the token request is sent", () => test.calls.length === 1)
  const issue = Effect.fnUntraced(function* (response: Response) {
    test.calls[0]!.respond(response)
    yield* until("the token is being saved", () => storage.operations.includes("save"))
  })
  return { ...test, issue }
})

describe("a token that is being saved", () => {
  it.effect("TOK-2, TOK-5: is used by requests, without a second renewal, even if it is already due", () =>
    Effect.gen(function* () {
      const { calls, issue, manager } = yield* saving()
      yield* TestClock.adjust(4_500)
      yield* issue(Response.json({ token: "token-1", lifetime: 5_000 }))
      for (let hits = 0; hits < 3; hits += 1) assert.strictEqual(manager.peek()?.reveal(), "token-1")
      yield* settled
      assert.lengthOf(calls, 1)
      // The storage timeout and the grace are over.
      yield* whileTimePasses(untilIdle(manager))
    })
  )

  it.effect("RUN-2: is not available after dispose, which waits for the save", () =>
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
