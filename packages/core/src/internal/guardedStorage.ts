import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { StorageFailure, type TokenStorage } from "../TokenStorage.ts"

type Operation = StorageFailure["operation"]

/**
 * A storage whose every operation ends, and fails in one way only (STO-2): what an adapter throws or dies of is a
 * failure like any other, and so is no answer within `timeout` milliseconds, or twice that until it has answered once.
 */
export const guardedStorage = (storage: TokenStorage["Service"], timeout: number): TokenStorage["Service"] => {
  let hasAnswered = false

  const answerOf = <A>(operation: Operation, running: Fiber.Fiber<A, StorageFailure>) =>
    Effect.gen(function* () {
      const millis = hasAnswered ? timeout : timeout * 2
      const inTime = yield* Effect.timeoutOption(Effect.interruptible(Fiber.await(running)), millis)
      if (Option.isSome(inTime)) return yield* inTime.value
      running.interruptUnsafe()
      return yield* new StorageFailure({ operation, detail: `no answer within ${millis} ms` })
    })

  const guard = <A, R>(operation: Operation, run: () => Effect.Effect<A, StorageFailure, R>) =>
    Effect.gen(function* () {
      // An adapter may throw before it answers with an effect.
      const running = yield* Effect.forkChild(Effect.suspend(run), { startImmediately: true })
      const exit = running.pollUnsafe() ?? (yield* Effect.exit(answerOf(operation, running)))
      if (Exit.isSuccess(exit)) {
        hasAnswered = true
        return exit.value
      }
      const failure = Cause.findErrorOption(exit.cause)
      return yield* Option.getOrElse(failure, () => new StorageFailure({ operation, detail: "the adapter threw" }))
    })

  const { exclusive, watch } = storage
  return {
    capabilities: storage.capabilities,
    load: (name) => guard("load", () => storage.load(name)),
    save: (name, stored) => guard("save", () => storage.save(name, stored)),
    remove: (name) => guard("remove", () => storage.remove(name)),
    ...(exclusive === undefined
      ? undefined
      : {
          exclusive: (name, request) =>
            Effect.map(
              guard("exclusive", () => exclusive(name, request)),
              (answer) =>
                answer._tag === "Held" ? answer : { ...answer, release: guard("release", () => answer.release) }
            )
        }),
    ...(watch === undefined
      ? undefined
      : { watch: (name) => guard<Effect.Effect<void>, Scope.Scope>("watch", () => watch(name)) })
  } satisfies TokenStorage["Service"]
}
