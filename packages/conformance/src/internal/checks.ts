import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { type Contract, ContractViolation } from "../ContractTest.ts"

/** How one behaviour is checked, on a fixture of its own. */
export interface Check<Fixture> {
  readonly behaviour: string
  readonly guarantees: ReadonlyArray<string>
  readonly requires?: ReadonlyArray<string>
  readonly check: (fixture: Fixture) => Generator<Effect.Effect<unknown, unknown, Scope.Scope>, void, never>
}

/** The checks of one group, by their IDs. */
export type Checks<Fixture> = Readonly<Record<string, Check<Fixture>>>

interface Setup<Fixture> {
  /** Sets up what one check needs, apart from all others. */
  readonly fixture: Effect.Effect<Fixture, unknown, Scope.Scope>
  /** `test`: checks move effect's TestClock. `live`: time passes by itself. */
  readonly clock: "live" | "test"
  readonly timeout: number
}

export const violated = (reason: string): Effect.Effect<never, ContractViolation> =>
  Effect.fail(new ContractViolation({ reason }))

export const ensure = (holds: boolean, reason: string): Effect.Effect<void, ContractViolation> =>
  holds ? Effect.void : violated(reason)

const shown = (value: unknown): string => {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

export const ensureEqual = (what: string, actual: unknown, expected: unknown): Effect.Effect<void, ContractViolation> =>
  ensure(Object.is(actual, expected), `${what} is ${shown(actual)}, expected ${shown(expected)}`)

const describeError = (error: unknown): string => {
  if (error instanceof ContractViolation) return error.reason
  const { _tag, detail, message, operation } = Object(error) as Record<string, unknown>
  if (_tag === "StorageFailure") return `${String(operation)} failed: ${String(detail)}`
  return typeof message === "string" ? message : String(error)
}

const violationOf = (cause: Cause.Cause<unknown>): ContractViolation => {
  const failure = cause.reasons.find(Cause.isFailReason)
  if (failure) return new ContractViolation({ reason: describeError(failure.error) })
  const defect = cause.reasons.find(Cause.isDieReason)
  return new ContractViolation({ reason: defect ? `it threw: ${describeError(defect.defect)}` : "it was interrupted" })
}

/** Ends at the timeout even if the adapter does not: a fiber that cannot be interrupted is left behind. */
const runCheck = Effect.fnUntraced(function* <Fixture>(
  { check }: Check<Fixture>,
  { clock, fixture, timeout }: Setup<Fixture>
) {
  const checked = Effect.scoped(Effect.flatMap(fixture, (value) => Effect.gen(() => check(value))))
  const onClock = clock === "test" ? Effect.provide(checked, TestClock.layer({ warningDelay: timeout })) : checked
  const fiber = yield* Effect.forkDetach(onClock)
  const abandon = Effect.sync(() => fiber.interruptUnsafe())
  const exit = yield* Fiber.await(fiber).pipe(
    Effect.timeoutOption(timeout),
    Effect.onInterrupt(() => abandon)
  )
  if (Option.isNone(exit)) {
    yield* abandon
    return yield* violated(`it was still running after ${timeout} ms`)
  }
  if (Exit.isFailure(exit.value)) return yield* violationOf(exit.value.cause)
})

/** Binds the checks of a contract to one adapter. */
export const contractOf = <Fixture>({
  groups,
  name,
  offers,
  ...setup
}: Setup<Fixture> & {
  readonly name: string
  readonly groups: Readonly<Record<string, Checks<Fixture>>>
  /** What the adapter offers, by name. */
  readonly offers: Readonly<Record<string, boolean>>
}): Contract => ({
  name,
  timeout: setup.timeout,
  tests: Object.entries(groups).flatMap(([group, checks]) =>
    Object.entries(checks).map(([id, check]) => {
      const { behaviour, guarantees, requires = [] } = check
      const missing = requires.filter((offer) => offers[offer] !== true)
      const run = (signal?: AbortSignal) => Effect.runPromise(runCheck(check, setup), signal && { signal })
      return { id, group, behaviour, guarantees, requires, missing, run }
    })
  )
})
