// In the bundle this stands for the module of effect of the same name, with an `ignore` and an `ignoreCause` that cannot
// log: nothing here asks them to, and effect's loggers would come along.
import * as Effect from "effect/Effect"

export * from "effect/Effect"

const nothing = { onFailure: () => Effect.void, onSuccess: () => Effect.void }

export const ignore = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<void, never, R> =>
  Effect.matchEffect(self, nothing)

export const ignoreCause = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<void, never, R> =>
  Effect.matchCauseEffect(self, nothing)
