import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/** How long an interrupted caller waits for the undo, in milliseconds. A hanging disk must not block it. */
const undoTimeout = 200

/**
 * Runs work to its end even if its caller is interrupted, so that no file is left half done. A hanging disk does not
 * block an interrupted caller. A result that the caller did not receive is undone.
 */
export const runDetached = <A, E>(
  work: Effect.Effect<A, E>,
  undo: (result: A) => Effect.Effect<unknown, unknown> = () => Effect.void
): Effect.Effect<A, E> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkDetach(work, { startImmediately: true }), (running) => {
      const undoResult = Effect.flatMap(Fiber.join(running), undo).pipe(
        Effect.exit,
        Effect.forkDetach,
        Effect.flatMap(Fiber.await),
        Effect.timeoutOption(undoTimeout)
      )
      return restore(Fiber.join(running)).pipe(Effect.onInterrupt(() => undoResult))
    })
  )
