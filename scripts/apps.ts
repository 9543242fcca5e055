// Copies each of the sample apps out of this workspace, installs the tarballs in artifacts/ for them, and runs them in
// their runtimes: as their READMEs say, and against a server that sees what they do.
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type RedisServer, startServer } from "../test/redis/src/index.ts"
import { install } from "./apps/install.ts"
import { endAll } from "./apps/Program.ts"
import { kyClient, plainPromise, workerRedis } from "./apps/programs.ts"
import { bunService, denoEdge, effectService } from "./apps/services.ts"
import { Stage } from "./apps/Stage.ts"
import { binaryOf } from "./binaryOf.ts"
import { runCases } from "./cases.ts"
import { Consumer } from "./consume/Consumer.ts"
import { node24 } from "./nodes.ts"
import { provideRedis } from "./redis.ts"
import { installTools } from "./tools.ts"

const names = ["plain-promise", "effect-service", "ky-client", "deno-edge", "bun-service", "worker-redis"]

const work = realpathSync(mkdtempSync(join(tmpdir(), "apps-")))
const runtimes = { node: "", deno: "", bun: "" }
const consumer = new Consumer(join(work, "apps"))
const stage = new Stage(consumer.directory, runtimes)
let redis: RedisServer | undefined

const prepare = async (): Promise<void> => {
  // The oldest that the READMEs promise.
  runtimes.node = await binaryOf(...node24, "-p", "process.execPath")
  const tools = await installTools(join(work, "tools"))
  runtimes.deno = await binaryOf(tools.deno, "eval", "console.log(Deno.execPath())")
  runtimes.bun = await binaryOf(tools.bun, "-e", "console.log(process.execPath)")
  process.env["REDIS_SERVER"] = (await provideRedis()) ?? ""
  redis = await startServer()
}

try {
  await runCases("apps", {
    "there are Node 24, Deno, Bun and a Redis": prepare,
    "npm installs what the apps name, from the tarballs": () => install(consumer, names),
    ...plainPromise(stage),
    ...kyClient(stage),
    ...effectService(stage),
    ...denoEdge(stage),
    ...bunService(stage),
    ...workerRedis(stage, () => redis?.url ?? "")
  })
} finally {
  endAll()
  await redis?.stop()
  rmSync(work, { recursive: true })
}
