import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/** Random values that are always the same one, from 0 to 1: jitter without chance. */
export const fixedRandom = (part: number) =>
  Effect.provideService(Random.Random, { nextDoubleUnsafe: () => part, nextIntUnsafe: () => 0 })
