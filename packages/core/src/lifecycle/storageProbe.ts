import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"

/** While the storage is degraded, checks in the background whether it works again (STO-2): one check at a time. */
export const storageProbe = (options: {
  readonly check: Effect.Effect<void>
  readonly run: (work: Effect.Effect<void>) => Fiber.Fiber<void>
  readonly onEnd: () => void
}) => {
  const { check, onEnd, run } = options
  let fiber: Fiber.Fiber<void> | undefined
  let isRunning = false
  return {
    start: (): void => {
      isRunning = true
      fiber = run(
        Effect.ensuring(
          check,
          Effect.sync(() => {
            isRunning = false
            onEnd()
          })
        )
      )
    },
    isRunning: () => isRunning,
    /** The last check, if there was one. */
    fiber: () => fiber
  }
}
