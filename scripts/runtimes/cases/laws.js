import { runLaws } from "@tokenkeep/conformance"
import * as Effect from "effect/Effect"

const failureOf = ({ _tag, reason }) => (_tag === "Broken" ? { failure: reason } : undefined)

/** The published laws that apply to an adapter, each as one case. */
export const checkLaws = async (subject, options) => {
  const { findings } = await Effect.runPromise(runLaws(subject, options))
  return findings
    .filter(({ outcome }) => outcome._tag !== "NotOffered")
    .map(({ law, millis, outcome }) => ({
      name: `${subject.title}: ${law.guarantees.join(", ")} ${law.id}`,
      millis,
      ...failureOf(outcome)
    }))
}
