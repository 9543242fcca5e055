import { type Answer, ApiKey } from "@tokenkeep/core"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { ProviderBench } from "../../ProviderBench.ts"
import type { ProviderSubjectOptions } from "../../ProviderSubject.ts"
import { answerOf, randomAnswers } from "./answers.ts"

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
