import * as Effect from "effect/Effect"
import { settled } from "./time.ts"

/** Errors that nothing caught while an effect ran, and right after it. */
export const unhandledErrorsDuring = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const errors: Array<unknown> = []
    const note = (error: unknown) => void errors.push(error)
    process.on("unhandledRejection", note)
    process.on("uncaughtException", note)
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        process.off("unhandledRejection", note)
        process.off("uncaughtException", note)
      })
    )
    yield* effect
    yield* settled
    return errors
  }).pipe(Effect.scoped)
