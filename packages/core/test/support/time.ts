import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import type { TokenManager } from "../../src/index.ts"

/**
 * One turn of the event loop. It also waits for a digest, because the platform computes those of the code under test on
 * other threads, which are slow on a busy machine.
 */
const turn = Effect.promise(async () => {
  await crypto.subtle.digest("SHA-256", new Uint8Array())
  await new Promise<void>((resolve) => setImmediate(resolve))
})

/** Lets all that is due run; no time passes. */
export const settled = Effect.repeat(turn, { times: 20 })

/** Waits, without any time passing, until real I/O such as a digest or a socket makes a condition true. */
export const until = (what: string, isSo: () => boolean): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let turns = 0; turns < 100_000; turns += 1) {
      if (isSo()) return
      yield* turn
    }
    return yield* Effect.die(new Error(`This never happened: ${what}.`))
  })

/** Runs an effect while time passes in small steps, until it ends; returns its result. */
export const whileTimePasses = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const running = yield* Effect.forkChild(effect)
    for (let steps = 0; running.pollUnsafe() === undefined; steps += 1) {
      if (steps > 10_000) return yield* Effect.die(new Error("It never ended."))
      yield* settled
      yield* TestClock.adjust(50)
    }
    return yield* Fiber.join(running)
  })

/** Waits, without any time passing, until no renewal is in flight. */
export const untilIdle = ({ status }: TokenManager["Service"]): Effect.Effect<void> =>
  until("no renewal is in flight", () => status().state !== "renewing")
