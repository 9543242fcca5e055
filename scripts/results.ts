import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { root } from "./root.ts"

/** How many tests passed, failed and were skipped, as vitest's JSON reporter writes it. */
export interface Results {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly numFailedTestSuites: number
  readonly testResults: ReadonlyArray<{ readonly status: string; readonly assertionResults: ReadonlyArray<unknown> }>
}

// Suites of vitest leave theirs beside themselves, the checks in scripts/ leave theirs at the root.
const places = [
  ".vitest",
  "packages/*/.vitest",
  "packages/*/*/.vitest",
  "apps/*/.vitest",
  "bench/.vitest",
  "site/.vitest",
  "test/.vitest"
]

const files = (): ReadonlyArray<string> =>
  globSync(
    places.map((place) => `${place}/*.json`),
    { cwd: root }
  ).map((file) => join(root, file))

export const readResults = (): ReadonlyArray<Results> =>
  files().map((file) => JSON.parse(readFileSync(file, "utf8")) as Results)

/** Forgets the counts of earlier runs. A cached run puts its own back. */
export const clearResults = (): void => {
  for (const file of files()) rmSync(file)
}

export const writeResults = (name: string, counts: { readonly passed: number; readonly failed: number }): void => {
  const file = join(root, ".vitest", `${name}.json`)
  mkdirSync(dirname(file), { recursive: true })
  const results: Results = {
    numPassedTests: counts.passed,
    numFailedTests: counts.failed,
    numPendingTests: 0,
    numTodoTests: 0,
    numFailedTestSuites: 0,
    testResults: []
  }
  writeFileSync(file, JSON.stringify(results))
}
