import * as Effect from "effect/Effect"
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

/** Waits, without any time passing, until no renewal is under way. */
export const resting = ({ status }: TokenManager["Service"]): Effect.Effect<void> =>
  until("no renewal is under way", () => status().state !== "renewing")
