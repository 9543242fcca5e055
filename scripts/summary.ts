// Adds up the results of all tests. The failures are named at the end, where a shortened log still has them.
// The last line counts the whole run.
import { countResults, failures } from "./results.ts"

const { failed, passed, skipped } = countResults()
for (const failure of failures()) console.log(failure)
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`)
if (passed === 0 || failed > 0) process.exitCode = 1
