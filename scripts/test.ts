// `pnpm test`: everything that turbo can cache, then the count. The count is printed also when something failed.
import { join } from "node:path"
import { provideRedis } from "./redis.ts"
import { clearResults } from "./results.ts"
import { root } from "./root.ts"
import { show } from "./run.ts"

process.env["TURBO_TELEMETRY_DISABLED"] = "1"
// Part of what turbo tells runs apart by: a run without Redis is not taken for one with it.
process.env["REDIS_SERVER"] = (await provideRedis()) ?? ""
// The many processes that the tests start load the same modules: what one compiled the next need not.
process.env["NODE_COMPILE_CACHE"] = join(root, "node_modules/.cache/compiled")
clearResults()
const turbo = await show("turbo", ["run", "build", "typecheck", "lint", "test", "--continue"])
const summary = await show("tsx", ["scripts/summary.ts"])
process.exitCode = Math.max(turbo, summary)
