import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TokenStorage } from "../../src/index.ts"
import { manualClock } from "../support/manualClock.ts"
import { scriptedStorage } from "../support/scriptedStorage.ts"
import { testManager } from "../support/testManager.ts"
import { settled, until } from "../support/time.ts"

/** A storage whose lease another client owns, with this watch. */
const watchedStorage = (changed: Effect.Effect<void>) => {
  const storage = scriptedStorage()
  let questions = 0
  const service = TokenStorage.of({
    ...storage.service,
    acquireLease: () =>
      Effect.sync(() => {
        questions += 1
        return { _tag: "LeaseTaken", owner: "other", fence: 1, left: 60_000 } as const
      }),
    watch: () => Effect.succeed(changed)
  })
  return { storage: { ...storage, service }, questions: () => questions }
}

describe("STO-2: a client that waits for another client's lease", () => {
  for (const [what, changed] of [
    ["ends at once, without a change", Effect.void],
    ["throws", Effect.die(new Error("a bug of the adapter"))]
  ] as const) {
    it.effect(`asks for it now and then, and not without a pause, if its watch ${what}`, () => {
      const time = manualClock()
      return Effect.provideService(
        Effect.gen(function* () {
          const { questions, storage } = watchedStorage(changed)
          const { manager } = yield* testManager({ storage })
          const waiting = yield* Effect.forkChild(manager.get)
          yield* until("it waits", () => manager.status().lease.state === "waiting")
          yield* settled
          const before = questions()
          yield* settled
          assert.strictEqual(questions(), before)
          for (let steps = 0; steps < 20; steps += 1) {
            time.pass(50)
            yield* settled
          }
          assert.isAbove(questions(), before)
          assert.isUndefined(waiting.pollUnsafe())
          yield* Fiber.interrupt(waiting)
        }),
        Clock.Clock,
        time.clock
      )
    })
  }
})
