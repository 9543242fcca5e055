import * as Effect from "effect/Effect"

/** Looks every `millis` milliseconds, with timers of the caller's own, until `look` returns what comes next. */
export const poll = <A, E>(millis: number, look: () => Effect.Effect<A, E> | undefined): Effect.Effect<A, E> =>
  Effect.andThen(
    Effect.sleep(millis),
    Effect.suspend(() => look() ?? poll(millis, look))
  )
