// Three processes call an API in the name of one user. They share the user's refresh token, which each use replaces,
// through Redis: REDIS_URL says where that is, by default on this machine. One of them is killed on the way.
import { fork } from "node:child_process"
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { startIssuer } from "./issuer.ts"
import type { WorkerResult } from "./messages.ts"

const server = await startIssuer()
const env = {
  ...process.env,
  API_URL: server.api,
  ISSUER_URL: server.issuer,
  CLIENT_SECRET: server.secret,
  // Every worker starts with the first refresh token. The ones that start later find a newer one in Redis.
  REFRESH_TOKEN: await server.consent("user-1")
}

const startWorker = (name: string) => {
  const worker = fork(new URL("./worker.main.ts", import.meta.url), { env })
  console.log(`${name} is process ${worker.pid}`)
  return { worker, ended: once(worker, "exit"), result: once(worker, "message") as Promise<[WorkerResult]> }
}

const victim = startWorker("worker 1")
const others = ["worker 2", "worker 3"].map(startWorker)
await sleep(3_000)
// Right after an exchange: a kill in the middle of one would lose the consent, since this server has no grace period.
const exchanges = server.used.length
while (server.used.length === exchanges && victim.worker.exitCode === null) await sleep(20)
await sleep(400)
victim.worker.kill("SIGKILL")
await victim.ended
console.log("worker 1 was killed, and starts again")
const results = await Promise.all([startWorker("worker 1"), ...others].map(async ({ result }) => (await result)[0]))

const failed = results.flatMap(({ failures }) => failures)
const requests = results.reduce((sum, result) => sum + result.requests, 0)
console.log(`${requests} requests, ${failed.length} failed`)
for (const failure of new Set(failed)) console.log(failure)
const usedTwice = server.used.length - new Set(server.used).size
console.log(`${server.used.length} refresh tokens were used, ${usedTwice} of them twice`)
server.close()
process.exitCode = failed.length === 0 ? 0 : 1
