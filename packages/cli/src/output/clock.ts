import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Epoch milliseconds. */
export const currentTime = (): number => Effect.runSync(Clock.currentTimeMillis)

/** An instant as ISO 8601, in UTC. */
export const isoTime = (millis: number): string => new Date(millis).toISOString()
