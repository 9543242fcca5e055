import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { TokenManager } from "../../src/index.ts"

const turn = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

/** Lets promises and streams that are due come to rest; no time passes. */
export const settled = Effect.repeat(turn, { times: 20 })

/** Waits, without any time passing, until something is so that real I/O (a digest, a socket) brings about. */
export const until = (what: string, isSo: () => boolean): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let turns = 0; turns < 100_000; turns += 1) {
      if (isSo()) return
      yield* turn
    }
    return yield* Effect.die(new Error(`It never came about that ${what}.`))
  })

/** Runs an effect while time passes in small steps, until it is over; answers what it came to. */
export const passing = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const running = yield* Effect.forkChild(effect)
    for (let steps = 0; running.pollUnsafe() === undefined; steps += 1) {
      if (steps > 10_000) return yield* Effect.die(new Error("It never comes to an end."))
      yield* settled
      yield* TestClock.adjust(50)
    }
    return yield* Fiber.join(running)
  })

/** Waits, without any time passing, until no renewal is under way. */
export const resting = ({ status }: TokenManager["Service"]): Effect.Effect<void> =>
  until("no renewal is under way", () => status().state !== "renewing")
