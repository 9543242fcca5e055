import { checkLaw, lawsFor, storageLaws } from "@tokenkeep/conformance"
import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { leases } from "./mutants/leases.ts"
import { manners } from "./mutants/manners.ts"
import type { Mutant } from "./mutants/Mutant.ts"
import { records } from "./mutants/records.ts"
import { watching } from "./mutants/watching.ts"
import { subjectOf } from "./support/subjects.ts"

const mutants: ReadonlyArray<Mutant> = [...records, ...leases, ...watching, ...manners]

/** The laws that an adapter breaks, checked side by side, so that one who hangs costs one deadline. */
const brokenBy = ({ mistake, open }: Mutant): Promise<ReadonlyArray<string>> => {
  const subject = subjectOf(mistake, open, { deadline: 5_000 })
  const findings = Effect.forEach(
    lawsFor(subject),
    (law) => Effect.match(checkLaw(law, subject), { onFailure: () => [law.id], onSuccess: () => [] }),
    { concurrency: "unbounded" }
  )
  return Effect.runPromise(Effect.map(findings, (ids) => ids.flat()))
}

describe("STO-1: the laws of storages catch an adapter that", () => {
  it.concurrent.each(mutants)("$mistake", { timeout: 60_000 }, async (mutant) => {
    const broken = await brokenBy(mutant)
    expect(broken).toEqual(expect.arrayContaining([...mutant.caughtBy]))
  })

  it("names each law: none of them catches nothing", () => {
    const naming = new Set(mutants.flatMap(({ caughtBy }) => caughtBy))
    expect(storageLaws.map(({ id }) => id).filter((id) => !naming.has(id))).toEqual([])
  })
})
