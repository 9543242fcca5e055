import { type Answer, ApiKey, type Provider } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { ProviderSubjectOptions } from "../../ProviderSubject.ts"
import { answerOf, randomAnswers } from "./answers.ts"

/** What a law of providers is checked on. */
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

const sampleKey = "sk-live-2f6c1d8e7b3a4950"

/** The same key but for its last character. */
const changed = (key: string): string => key.slice(0, -1) + (key.endsWith("0") ? "1" : "0")

const everyAnswer = (options: ProviderSubjectOptions): readonly [Answer, ...ReadonlyArray<Answer>] => {
  const { expired, invalid, issued, keyRejected, limited, missing } = options
  const others = [expired, invalid, missing, limited].filter((answer) => answer !== undefined)
  return [answerOf(issued, false), answerOf(keyRejected, false), ...others.map((answer) => answerOf(answer))]
}

export const makeProviderBench = (options: ProviderSubjectOptions): Effect.Effect<ProviderBench> =>
  Effect.map(Clock.Clock, (clock) => {
    const { apiKey = sampleKey, cases = 500, provider, secrets, seed = 20_260_801 } = options
    const answers = everyAnswer(options)
    return {
      provider,
      documented: options,
      key: ApiKey.make(apiKey),
      otherKey: ApiKey.make(changed(apiKey)),
      secrets: secrets ?? [apiKey],
      answers,
      anyAnswers: randomAnswers(answers, { cases, seed }),
      seed,
      now: () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
    }
  })
