// Adds up what every suite left behind. The last line counts the whole run.
import { readResults, type Results } from "./results.ts"

const sum = (of: (results: Results) => number): number =>
  readResults().reduce((total, results) => total + of(results), 0)

// A file that does not load has no test to count, and must not pass for that.
const unloaded = ({ testResults }: Results): number =>
  testResults.filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0).length

const passed = sum((results) => results.numPassedTests)
const failed = sum((results) => results.numFailedTests + unloaded(results))
const skipped = sum((results) => results.numPendingTests + results.numTodoTests)

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`)
if (passed === 0 || failed > 0) process.exitCode = 1
