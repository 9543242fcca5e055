import * as Effect from "effect/Effect"
import { type AuthError, isAuthError } from "../AuthError.ts"

/** Runs checks that throw {@link AuthError}, as an effect that fails with it; anything else stays a defect. */
export const checked = <A>(check: () => A): Effect.Effect<A, AuthError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(check())
    } catch (error) {
      return isAuthError(error) ? Effect.fail(error) : Effect.die(error)
    }
  })
