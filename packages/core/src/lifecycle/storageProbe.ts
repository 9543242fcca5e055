import type * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"

/** While the storage is degraded, checks in the background whether it works again (STO-2): one check at a time. */
export const storageProbe = (
  check: Effect.Effect<void>,
  run: (work: Effect.Effect<void>) => Fiber.Fiber<void>,
  onEnd: () => void
) => {
  let running: Fiber.Fiber<void> | undefined
  return {
    start: (): void => {
      running = run(check)
      running.addObserver(() => {
        running = undefined
        onEnd()
      })
    },
    /** The check that is under way. */
    running: () => running
  }
}
