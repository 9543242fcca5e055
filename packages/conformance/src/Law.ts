import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** A law that an adapter does not keep, and how that showed. */
export class LawBroken extends Data.TaggedError("LawBroken")<{
  readonly reason: string
}> {
  override get message(): string {
    return this.reason
  }
}

/** One thing that every adapter of a kind does, and how to see whether it does. */
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

/** An adapter to check: its laws, and what they are checked on. */
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
