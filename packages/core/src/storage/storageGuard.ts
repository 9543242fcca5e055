import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { oneLine } from "../errors/displayText.ts"
import { StorageFailure, type TokenStorage } from "../ports/TokenStorage.ts"
import { timeoutAwake } from "../runtime/awakeTimer.ts"

type Operation = StorageFailure["operation"]

type Fields = Readonly<Record<string, unknown>>

const isFields = (u: unknown): u is Fields => typeof u === "object" && u !== null

const isRecord = (u: unknown): boolean =>
  u === undefined || (isFields(u) && typeof u["text"] === "string" && Number.isSafeInteger(u["fence"]))

const isExclusiveRecord = (u: unknown): boolean =>
  u === undefined || (isFields(u) && typeof u["text"] === "string" && typeof u["version"] === "string")

const isBoolean = (u: unknown): boolean => typeof u === "boolean"

const isLease = (u: unknown): boolean => {
  if (!isFields(u) || !Number.isSafeInteger(u["fence"])) return false
  if (u["_tag"] === "Lease") return Effect.isEffect(u["release"]) && typeof (u["owner"] ?? "") === "string"
  return u["_tag"] === "LeaseTaken" && typeof u["owner"] === "string" && Number.isFinite(u["left"])
}

const isAny = (): boolean => true

const late = "no response within"

/** Whether the storage did not respond in time, counted while the process was awake. */
export const isLate = ({ detail }: StorageFailure): boolean => detail.startsWith(late)

/**
 * A storage whose operations always end, and fail with {@link StorageFailure} only: an exception of the adapter
 * becomes one, and so does a result that the port does not allow, or no response within `timeout` milliseconds, or twice
 * that before the first success.
 */
export const guardStorage = (
  storage: TokenStorage["Service"],
  timeout: number,
  holdsSecret: (text: string) => boolean
): TokenStorage["Service"] => {
  /** A text of the adapter, as it may be shown (SEC-1). */
  const shown = (text: string): string => {
    const line = oneLine(text)
    return holdsSecret(line) ? "unknown" : line
  }

  let hasSucceeded = false

  const exitInTime = <A>(operation: Operation, running: Fiber.Fiber<A, StorageFailure>) =>
    Effect.suspend(() => {
      const millis = hasSucceeded ? timeout : timeout * 2
      const failure = () => new StorageFailure({ operation, detail: `${late} ${millis} ms` })
      return Effect.tapError(timeoutAwake(Effect.interruptible(Fiber.await(running)), millis, failure), () =>
        Effect.sync(() => running.interruptUnsafe())
      )
    })

  /** An operation that cannot be interrupted must not hold up dispose (RUN-2). */
  const stop = (running: Fiber.Fiber<unknown, unknown>) => Effect.timeoutOption(Fiber.interrupt(running), timeout)

  const guard = <A, R>(
    operation: Operation,
    run: () => Effect.Effect<A, StorageFailure, R>,
    isValid: (result: unknown) => boolean = isAny
  ) =>
    Effect.gen(function* () {
      const invalid = new StorageFailure({ operation, detail: "the adapter returned an invalid result" })
      // An adapter may throw before it returns an effect, and may return anything.
      const started = Effect.suspend(() => {
        const operating: unknown = run()
        return Effect.isEffect(operating) ? (operating as ReturnType<typeof run>) : Effect.fail(invalid)
      })
      // Detached: a fiber would wait for its children to end.
      const running = yield* Effect.forkDetach(started, { startImmediately: true })
      const waiting = Effect.exit(Effect.flatten(exitInTime(operation, running)))
      const exit = running.pollUnsafe() ?? (yield* Effect.onInterrupt(waiting, () => stop(running)))
      if (Exit.isSuccess(exit)) {
        if (!isValid(exit.value)) return yield* invalid
        hasSucceeded = true
        return exit.value
      }
      const failure = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
      if (failure === undefined) return yield* new StorageFailure({ operation, detail: "the adapter threw" })
      return yield* new StorageFailure(Object.assign({}, failure, { detail: shown(failure.detail) }))
    })

  const { acquireLease, exclusive, watch } = storage
  return {
    capabilities: storage.capabilities,
    load: (name) => guard("load", () => storage.load(name), isRecord),
    save: (name, stored, quiet) => guard("save", () => storage.save(name, stored, quiet), isBoolean),
    remove: (name) => guard("remove", () => storage.remove(name)),
    ...(acquireLease === undefined
      ? undefined
      : {
          acquireLease: (name, request) =>
            Effect.map(
              guard("acquireLease", () => acquireLease(name, request), isLease),
              (lease) =>
                lease._tag === "LeaseTaken"
                  ? { ...lease, owner: shown(lease.owner) }
                  : {
                      ...lease,
                      owner: lease.owner && shown(lease.owner),
                      release: guard("release", () => lease.release)
                    }
            )
        }),
    ...(exclusive === undefined
      ? undefined
      : {
          exclusive: {
            load: (name) => guard("load", () => exclusive.load(name), isExclusiveRecord),
            replace: (name, change) => guard("replace", () => exclusive.replace(name, change), isBoolean)
          }
        }),
    ...(watch === undefined
      ? undefined
      : {
          watch: (name) =>
            Effect.map(
              guard<Effect.Effect<void>, Scope.Scope>("watch", () => watch(name), Effect.isEffect),
              // Callers of a watch that throws poll, as if it never ended.
              (changed) => Effect.catchCause(changed, () => Effect.never)
            )
        })
  } satisfies TokenStorage["Service"]
}
