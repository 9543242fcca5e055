import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/** How long an interrupted caller waits for the undoing, in milliseconds: a disk that hangs must not hold it. */
const patience = 200

/**
 * Does some work whole, whoever stops waiting for it: files are not left half made, and a disk that hangs holds no
 * caller. What the work then gave to nobody is undone.
 */
export const toTheEnd = <A, E>(
  work: Effect.Effect<A, E>,
  undo: (result: A) => Effect.Effect<unknown, unknown> = () => Effect.void
): Effect.Effect<A, E> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkDetach(work, { startImmediately: true }), (working) => {
      const abandon = Effect.flatMap(Fiber.join(working), undo).pipe(
        Effect.ignoreCause,
        Effect.forkDetach,
        Effect.flatMap(Fiber.await),
        Effect.timeoutOption(patience)
      )
      return restore(Fiber.join(working)).pipe(Effect.onInterrupt(() => abandon))
    })
  )
