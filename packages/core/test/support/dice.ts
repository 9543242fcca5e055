import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/** Chance that always falls the same way, between 0 and 1: jitter without chance. */
export const dice = (part: number) =>
  Effect.provideService(Random.Random, { nextDoubleUnsafe: () => part, nextIntUnsafe: () => 0 })
