import { type AuthError, isAuthError } from "@tokenkeep/core"
import * as Effect from "effect/Effect"

/** Runs checks that throw {@link AuthError} at once, and answers what came of them as an effect; other throws are defects. */
export const decided = <A>(check: () => A): Effect.Effect<A, AuthError> => {
  try {
    return Effect.succeed(check())
  } catch (error) {
    return isAuthError(error) ? Effect.fail(error) : Effect.die(error)
  }
}
