import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/**
 * A law that an adapter does not keep, and how that showed.
 *
 * @example
 * ```ts
 * import { LawBroken } from "@tokenkeep/conformance"
 *
 * console.log(new LawBroken({ reason: "a save with fence 9 was not refused" }).message)
 * // => a save with fence 9 was not refused
 * ```
 */
export class LawBroken extends Data.TaggedError("LawBroken")<{
  readonly reason: string
}> {
  override get message(): string {
    return this.reason
  }
}

/**
 * One thing that every adapter of a kind does, and how to see whether it does.
 *
 * @example
 * ```ts
 * import { type Law, LawBroken } from "@tokenkeep/conformance"
 * import * as Effect from "effect/Effect"
 *
 * const even: Law<number> = {
 *   id: "is-even",
 *   guarantees: [],
 *   statement: "It is an even number.",
 *   needs: [],
 *   check: (bench) => (bench % 2 === 0 ? Effect.void : Effect.fail(new LawBroken({ reason: `${bench} is odd` })))
 * }
 * console.log(even.id) // => is-even
 * ```
 */
export interface Law<Bench> {
  /** A stable name, in kebab-case. */
  readonly id: string
  /** The promises that rest on it, by the IDs of the guarantees. */
  readonly guarantees: ReadonlyArray<string>
  /** What an adapter does, in one sentence. */
  readonly statement: string
  /** What an adapter has to offer for the law to apply. */
  readonly needs: ReadonlyArray<string>
  /** Fails, with whatever shows it, where the law is broken. */
  readonly check: (bench: Bench) => Effect.Effect<void, unknown, Scope.Scope>
}

/**
 * An adapter to check: its laws, and what they are checked on. `storageSubject` makes one of a storage.
 *
 * @example
 * ```ts
 * import { runLaws, type Subject } from "@tokenkeep/conformance"
 * import * as Effect from "effect/Effect"
 *
 * const subject: Subject<number> = {
 *   title: "Seven",
 *   laws: [{ id: "any", guarantees: [], statement: "It is.", needs: [], check: () => Effect.void }],
 *   offers: new Set(),
 *   bench: Effect.succeed(7),
 *   clock: "live",
 *   deadline: 1_000
 * }
 * console.log((await Effect.runPromise(runLaws(subject))).kept) // => true
 * ```
 */
export interface Subject<Bench> {
  readonly title: string
  readonly laws: ReadonlyArray<Law<Bench>>
  /** What it offers: a law that needs more does not apply. */
  readonly offers: ReadonlySet<string>
  /** Sets up what one law is checked on, apart from all others. */
  readonly bench: Effect.Effect<Bench, unknown, Scope.Scope>
  /** Whether time is effect's test clock, which the laws set, or passes by itself. */
  readonly clock: "live" | "test"
  /** How long one law may take, in milliseconds of the live clock: an adapter that hangs breaks it. */
  readonly deadline: number
}
