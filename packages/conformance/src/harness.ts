import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/testing/TestClock"
import { type Law, LawBroken, type Subject } from "./Law.ts"

/**
 * What came of one law.
 *
 * @example
 * ```ts
 * import type { Outcome } from "@tokenkeep/conformance"
 *
 * const outcome: Outcome = { _tag: "Broken", reason: "a save with fence 9 was not refused" }
 * console.log(outcome._tag) // => Broken
 * ```
 */
export type Outcome =
  | { readonly _tag: "Kept" }
  | { readonly _tag: "Broken"; readonly reason: string }
  | { readonly _tag: "NotOffered"; readonly lacking: ReadonlyArray<string> }

/**
 * One law and what came of it.
 *
 * @example
 * ```ts
 * import { type Finding, storageLaws } from "@tokenkeep/conformance"
 *
 * const [law] = storageLaws
 * const finding: Finding = { law: law!, outcome: { _tag: "Kept" }, millis: 3 }
 * console.log(finding.law.id) // => absent-is-undefined
 * ```
 */
export interface Finding {
  readonly law: Pick<Law<never>, "id" | "guarantees" | "statement" | "needs">
  readonly outcome: Outcome
  /** How long it took, in milliseconds. */
  readonly millis: number
}

/**
 * What came of all laws.
 *
 * @example
 * ```ts
 * import type { Report } from "@tokenkeep/conformance"
 *
 * const report: Report = { title: "An adapter", findings: [], kept: true }
 * console.log(report.kept) // => true
 * ```
 */
export interface Report {
  readonly title: string
  readonly findings: ReadonlyArray<Finding>
  /** Whether none was broken. */
  readonly kept: boolean
}

const lackingFor = <Bench>(law: Law<Bench>, { offers }: Subject<Bench>): ReadonlyArray<string> =>
  law.needs.filter((need) => !offers.has(need))

/**
 * The laws that apply to an adapter: those that need nothing it does not offer.
 *
 * @example
 * ```ts
 * import { lawsFor, storageSubject } from "@tokenkeep/conformance"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import * as Effect from "effect/Effect"
 *
 * const subject = storageSubject({
 *   title: "MemoryStorage",
 *   capabilities: { durable: false, shared: false, exclusive: true, watch: true },
 *   place: Effect.sync(() => MemoryStorage.layer()),
 *   open: (layer) => layer,
 *   clock: "test"
 * })
 * console.log(lawsFor(subject).some(({ id }) => id === "one-of-many")) // => true
 * console.log(lawsFor(subject).some(({ id }) => id === "outlives-closing")) // => false
 * ```
 */
export const lawsFor = <Bench>(subject: Subject<Bench>): ReadonlyArray<Law<Bench>> =>
  subject.laws.filter((law) => lackingFor(law, subject).length === 0)

const describeError = (error: unknown): string => {
  if (error instanceof LawBroken) return error.reason
  const { _tag, detail, message, operation } = Object(error) as Record<string, unknown>
  if (_tag === "StorageFailure") return `${String(operation)} failed: ${String(detail)}`
  return typeof message === "string" ? message : String(error)
}

const brokenBy = (cause: Cause.Cause<unknown>): LawBroken => {
  const failure = cause.reasons.find(Cause.isFailReason)
  if (failure) return new LawBroken({ reason: describeError(failure.error) })
  const defect = cause.reasons.find(Cause.isDieReason)
  if (defect) return new LawBroken({ reason: `it threw: ${describeError(defect.defect)}` })
  return new LawBroken({ reason: "it was interrupted from within" })
}

const onClock = <A, E>(effect: Effect.Effect<A, E>, { clock, deadline }: Pick<Subject<never>, "clock" | "deadline">) =>
  clock === "test" ? Effect.provide(effect, TestClock.layer({ warningDelay: deadline })) : effect

/**
 * Checks one law; fails where it is broken. It ends at the deadline of the subject, also if the adapter does not.
 *
 * @example
 * ```ts
 * import { checkLaw, type Subject } from "@tokenkeep/conformance"
 * import * as Effect from "effect/Effect"
 *
 * const law = { id: "ends", guarantees: [], statement: "It ends.", needs: [], check: () => Effect.never }
 * const subject: Subject<void> = {
 *   title: "Endless",
 *   laws: [law],
 *   offers: new Set(),
 *   bench: Effect.void,
 *   clock: "live",
 *   deadline: 20
 * }
 * const broken = await Effect.runPromise(Effect.flip(checkLaw(law, subject)))
 * console.log(broken.reason) // => it was still running after 20 ms
 * ```
 */
export const checkLaw = Effect.fnUntraced(function* <Bench>(law: Law<Bench>, subject: Subject<Bench>) {
  const examined = Effect.scoped(Effect.flatMap(subject.bench, (bench) => law.check(bench)))
  const fiber = yield* Effect.forkDetach(onClock(examined, subject))
  // What cannot be interrupted is left behind, so that it holds nobody up.
  const leave = Effect.sync(() => fiber.interruptUnsafe())
  const exit = yield* Fiber.await(fiber).pipe(
    Effect.timeoutOption(subject.deadline),
    Effect.onInterrupt(() => leave)
  )
  if (Option.isNone(exit)) {
    yield* leave
    return yield* new LawBroken({ reason: `it was still running after ${subject.deadline} ms` })
  }
  if (Exit.isFailure(exit.value)) return yield* brokenBy(exit.value.cause)
})

const find = Effect.fnUntraced(function* <Bench>(law: Law<Bench>, subject: Subject<Bench>) {
  const { guarantees, id, needs, statement } = law
  const text = { id, guarantees, statement, needs }
  const lacking = lackingFor(law, subject)
  if (lacking.length > 0) return { law: text, outcome: { _tag: "NotOffered", lacking }, millis: 0 } as const
  const start = yield* Clock.currentTimeMillis
  const outcome = yield* Effect.match(checkLaw(law, subject), {
    onFailure: ({ reason }): Outcome => ({ _tag: "Broken", reason }),
    onSuccess: (): Outcome => ({ _tag: "Kept" })
  })
  return { law: text, outcome, millis: (yield* Clock.currentTimeMillis) - start }
})

/**
 * Checks an adapter against all of its laws. It never fails: what is broken is in the report.
 *
 * @param options.concurrency How many laws are checked at once: 1 by default. Each has a place of its own.
 *
 * @example
 * ```ts
 * import { runLaws, storageSubject } from "@tokenkeep/conformance"
 * import { MemoryStorage } from "@tokenkeep/storage-memory"
 * import * as Effect from "effect/Effect"
 *
 * const subject = storageSubject({
 *   title: "MemoryStorage",
 *   capabilities: { durable: false, shared: false, exclusive: true, watch: true },
 *   place: Effect.sync(() => MemoryStorage.layer()),
 *   open: (layer) => layer,
 *   clock: "test"
 * })
 * console.log((await Effect.runPromise(runLaws(subject))).kept) // => true
 * ```
 */
export const runLaws = <Bench>(
  subject: Subject<Bench>,
  { concurrency = 1 }: { readonly concurrency?: number | undefined } = {}
): Effect.Effect<Report> =>
  Effect.map(
    Effect.forEach(subject.laws, (law) => find(law, subject), { concurrency }),
    (findings) => ({
      title: subject.title,
      findings,
      kept: findings.every(({ outcome }) => outcome._tag !== "Broken")
    })
  )
