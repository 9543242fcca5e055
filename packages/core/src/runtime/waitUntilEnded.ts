import * as Effect from "effect/Effect"
import type { TokenkeepError } from "../errors/TokenkeepError.ts"

/** Waits for `millis` milliseconds, or fails when the client ends before. */
export const waitUntilEnded = (
  millis: number,
  ended: Effect.Effect<never, TokenkeepError>
): Effect.Effect<void, TokenkeepError> => Effect.timeoutOrElse(ended, { duration: millis, orElse: () => Effect.void })
