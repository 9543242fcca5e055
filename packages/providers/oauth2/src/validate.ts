import { isTokenkeepError, type TokenkeepError } from "@tokenkeep/core"
import * as Effect from "effect/Effect"

/** Runs a check that throws {@link TokenkeepError}, as an effect that fails with it; any other throw is a defect. */
export const validate = <A>(check: () => A): Effect.Effect<A, TokenkeepError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(check())
    } catch (error) {
      return isTokenkeepError(error) ? Effect.fail(error) : Effect.die(error)
    }
  })
