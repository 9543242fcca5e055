// `pnpm test`: everything that turbo can cache, then the count. The count is printed also when something failed.
import { clearResults } from "./results.ts"
import { show } from "./run.ts"

process.env["TURBO_TELEMETRY_DISABLED"] = "1"
clearResults()
const turbo = await show("turbo", ["run", "build", "typecheck", "lint", "test", "--continue"])
const summary = await show("tsx", ["scripts/summary.ts"])
process.exitCode = Math.max(turbo, summary)
