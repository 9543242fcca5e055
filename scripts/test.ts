// `pnpm test`: the tasks that turbo can cache, then the count of tests, which is printed even if a task failed.
import { join } from "node:path"
import { provideKeyring } from "./keyring.ts"
import { provideRedis } from "./redis.ts"
import { clearResults } from "./results.ts"
import { root } from "./root.ts"
import { show } from "./run.ts"

process.env["TURBO_TELEMETRY_DISABLED"] = "1"
// Part of turbo's cache key: a result without Redis or a keyring must not stand for one with it.
process.env["REDIS_SERVER"] = (await provideRedis()) ?? ""
process.env["KEYRING_DAEMON"] = (await provideKeyring()) ?? ""
// The processes that the tests start load the same modules, so they share compiled code.
process.env["NODE_COMPILE_CACHE"] = join(root, "node_modules/.cache/compiled")
clearResults()
const turbo = await show("turbo", ["run", "build", "typecheck", "lint", "test", "--continue"])
const summary = await show("tsx", ["scripts/summary.ts"])
process.exitCode = Math.max(turbo, summary)
