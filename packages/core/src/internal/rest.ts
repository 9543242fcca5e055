import * as Effect from "effect/Effect"
import type { AuthError } from "../AuthError.ts"

/** Waits so many milliseconds, or until the client ends (RUN-2). */
export const rest = (millis: number, ended: Effect.Effect<never, AuthError>): Effect.Effect<void, AuthError> =>
  Effect.timeoutOrElse(ended, { duration: millis, orElse: () => Effect.void })
