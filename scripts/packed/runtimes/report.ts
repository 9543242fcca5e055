import { expect, type TestContext } from "vitest"
import { canInstall } from "../../apt.ts"
import type { Outcome } from "./suites.ts"

/** Each outcome counts as a test: see results.ts. */
export const report = (task: TestContext["task"], outcomes: ReadonlyArray<Outcome>): void => {
  expect(outcomes.length, "the number of cases").toBeGreaterThan(0)
  const failed = outcomes.filter(({ failure }) => failure !== undefined)
  task.meta.cases = { passed: outcomes.length - failed.length, failed: failed.length }
  if (failed.length > 0) throw new Error(failed.map(({ failure, name }) => `${name}\n${failure}`).join("\n\n"))
}

/** The outcomes that a program printed as its last line. */
export const outcomesIn = (printed: string): ReadonlyArray<Outcome> =>
  JSON.parse(printed.trimEnd().split("\n").at(-1) ?? "") as ReadonlyArray<Outcome>

/** Skips a test for the lack of a program, unless this machine could have installed that. */
export const skipWithout = (what: string, skip: TestContext["skip"]): never => {
  if (canInstall()) throw new Error(`there is no ${what}, and apt did not install it`)
  return skip(`there is no ${what}`)
}
