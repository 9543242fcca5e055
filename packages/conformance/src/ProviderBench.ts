import type { Answer, ApiKey, Provider } from "@tokenkeep/core"
import type { ProviderSubjectOptions } from "./ProviderSubject.ts"

/**
 * What a law of providers is checked on.
 *
 * @example
 * ```ts
 * import type { Law, ProviderBench } from "@tokenkeep/conformance"
 * import * as Effect from "effect/Effect"
 *
 * const named: Law<ProviderBench> = {
 *   id: "is-named",
 *   guarantees: [],
 *   statement: "It has a short name.",
 *   needs: [],
 *   check: ({ provider }) => (provider.name.length < 20 ? Effect.void : Effect.fail("its name is long"))
 * }
 * console.log(named.id) // => is-named
 * ```
 */
export interface ProviderBench {
  readonly provider: Provider["Service"]
  /** What the author says that the API documents. */
  readonly documented: ProviderSubjectOptions
  readonly key: ApiKey
  readonly otherKey: ApiKey
  /** The parts of the key that are secret. */
  readonly secrets: ReadonlyArray<string>
  /** Every documented answer, as core hands it to the provider. */
  readonly answers: readonly [Answer, ...ReadonlyArray<Answer>]
  /** Answers that may come as well: damaged ones, and nonsense. */
  readonly anyAnswers: ReadonlyArray<Answer>
  readonly seed: number
  /** Milliseconds of the clock that does not jump. */
  readonly now: () => number
}
