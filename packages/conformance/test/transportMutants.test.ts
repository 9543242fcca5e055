import { checkLaw } from "@tokenkeep/conformance"
import { transportLaws, transportSubject } from "@tokenkeep/conformance/transport"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { aborts } from "./transports/aborts.ts"
import { answers } from "./transports/answers.ts"
import { manners } from "./transports/manners.ts"
import { requests } from "./transports/requests.ts"
import { streams } from "./transports/streams.ts"
import type { TransportMutant } from "./transports/TransportMutant.ts"

const mutants: ReadonlyArray<TransportMutant> = [...answers, ...requests, ...streams, ...aborts, ...manners]

/** Those of the laws that should tell, and do. */
const tellingOf = ({ caughtBy, layer, mistake }: TransportMutant): Promise<ReadonlyArray<string>> => {
  const subject = transportSubject({ title: mistake, layer, deadline: 5_000 })
  const findings = Effect.forEach(
    transportLaws.filter(({ id }) => caughtBy.includes(id)),
    (law) => Effect.match(checkLaw(law, subject), { onFailure: () => [law.id], onSuccess: () => [] }),
    { concurrency: "unbounded" }
  )
  return Effect.runPromise(Effect.map(findings, (ids) => ids.flat()))
}

describe("REQ-6: the laws of transports catch an adapter that", () => {
  it.concurrent.each(mutants)("$mistake", { timeout: 60_000 }, async (mutant) => {
    const telling = await tellingOf(mutant)
    expect(telling.toSorted()).toEqual(mutant.caughtBy.toSorted())
  })

  it("names each law: none of them catches nothing", () => {
    const naming = new Set(mutants.flatMap(({ caughtBy }) => caughtBy))
    expect(transportLaws.map(({ id }) => id).filter((id) => !naming.has(id))).toEqual([])
  })
})
