import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { StorageFailure, type TokenStorage } from "../ports/TokenStorage.ts"
import { timeoutAwake } from "../runtime/awakeTimer.ts"

type Operation = StorageFailure["operation"]

/**
 * A storage whose operations always end, and fail with {@link StorageFailure} only: an exception of the adapter
 * becomes one, and so does no response within `timeout` milliseconds, or twice that before the first success.
 */
export const guardStorage = (storage: TokenStorage["Service"], timeout: number): TokenStorage["Service"] => {
  let hasSucceeded = false

  const exitInTime = <A>(operation: Operation, running: Fiber.Fiber<A, StorageFailure>) =>
    Effect.suspend(() => {
      const millis = hasSucceeded ? timeout : timeout * 2
      const late = () => new StorageFailure({ operation, detail: `no response within ${millis} ms` })
      return Effect.tapError(timeoutAwake(Effect.interruptible(Fiber.await(running)), millis, late), () =>
        Effect.sync(() => running.interruptUnsafe())
      )
    })

  const guard = <A, R>(operation: Operation, run: () => Effect.Effect<A, StorageFailure, R>) =>
    Effect.gen(function* () {
      // An adapter may throw before it returns an effect.
      const running = yield* Effect.forkChild(Effect.suspend(run), { startImmediately: true })
      const exit = running.pollUnsafe() ?? (yield* Effect.exit(Effect.flatten(exitInTime(operation, running))))
      if (Exit.isSuccess(exit)) {
        hasSucceeded = true
        return exit.value
      }
      const failure = Cause.findErrorOption(exit.cause)
      return yield* Option.getOrElse(failure, () => new StorageFailure({ operation, detail: "the adapter threw" }))
    })

  const { acquireLease, watch } = storage
  return {
    capabilities: storage.capabilities,
    load: (name) => guard("load", () => storage.load(name)),
    save: (name, stored) => guard("save", () => storage.save(name, stored)),
    remove: (name) => guard("remove", () => storage.remove(name)),
    ...(acquireLease === undefined
      ? undefined
      : {
          acquireLease: (name, request) =>
            Effect.map(
              guard("acquireLease", () => acquireLease(name, request)),
              (lease) =>
                lease._tag === "LeaseTaken" ? lease : { ...lease, release: guard("release", () => lease.release) }
            )
        }),
    ...(watch === undefined
      ? undefined
      : {
          watch: (name) =>
            Effect.map(
              guard<Effect.Effect<void>, Scope.Scope>("watch", () => watch(name)),
              // Callers of a watch that throws poll, as if it never ended.
              (changed) => Effect.catchCause(changed, () => Effect.never)
            )
        })
  } satisfies TokenStorage["Service"]
}
