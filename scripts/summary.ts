// Adds up the results of all tests. The last line counts the whole run.
import { countResults } from "./results.ts"

const { failed, passed, skipped } = countResults()
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`)
if (passed === 0 || failed > 0) process.exitCode = 1
