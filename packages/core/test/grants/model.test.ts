import { env } from "node:process"
import { describe, expect, it } from "vitest"
import { configuration } from "./model/Configuration.ts"
import { explore } from "./model/explore.ts"
import { namesOfSets, smallestLosses, unavoidableLosses } from "./model/Losses.ts"
import { allRules, without } from "./model/Rules.ts"
import { fullRuns, smallRuns } from "./model/runs.ts"
import { protectNothing, wrongVariants } from "./model/wrongVariants.ts"

/** `GRANT_MODEL=full` also explores what takes a minute and more. */
const runs = env["GRANT_MODEL"] === "full" ? [...smallRuns, ...fullRuns] : smallRuns
const timeout = 900_000

describe("processes that share a refresh token", () => {
  it.for(runs)("lose it only by what cannot be avoided: $name", { timeout }, ({ configuration: explored, name }) => {
    const { ends, faults, losses, states } = explore(explored)
    const smallest = smallestLosses(losses)
    console.log(`${name}: ${states} states, ${ends} ends, lost in ${smallest.length} ways`)
    expect([...faults]).toEqual([])
    expect(namesOfSets(smallest)).toEqual(namesOfSets(unavoidableLosses(explored)))
    expect(ends).toBeGreaterThan(0)
  })

  it.for([
    { graceLeases: 1, faults: 1 },
    { graceLeases: 2, faults: 2 }
  ])("lose it if a grace period lasts $graceLeases leases, with as many faults", (short) => {
    const { faults } = explore(configuration({ ...short, server: "same" }))
    expect([...faults.keys()]).toContainEqual(expect.stringMatching(/^lost by: /))
  })
})

describe("the model", () => {
  it.for(wrongVariants)("finds the fault without rule $rule: $without", ({ finds, in: where, without: rule }) => {
    const { faults } = explore(configuration({ ...where, rules: without(rule) }), { stopAtFault: true })
    expect([...faults.keys()][0]).toBe(finds)
  })

  it.for(protectNothing)("finds the same losses without a rule that protects nothing: %s", (rule) => {
    const changed = explore(configuration({ faults: 2, rules: without(rule) }))
    expect([...changed.faults]).toEqual([])
    expect([...changed.losses.keys()].toSorted()).toEqual(
      [...explore(configuration({ faults: 2 })).losses.keys()].toSorted()
    )
  })

  it("has a wrong variant for each rule", () => {
    const tried = [...wrongVariants.map((variant) => variant.without), ...protectNothing]
    expect(tried.toSorted()).toEqual(Object.keys(allRules).toSorted())
  })
})
