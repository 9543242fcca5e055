// Three processes read the events of the Deeply API with one token, which they share through Redis. REDIS_URL says
// where Redis is, by default on this machine. Without DEEPLY_API_KEY the processes use a fake API.
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import type { Job } from "./messages.ts"
import { superviseWorker } from "./superviseWorker.ts"

const pages = 20
const workers = 3

const jobs: Array<Job> = Array.from({ length: pages }, (_, index) => ({ page: index + 1, size: 5 }))

// Without rate limits: each process keeps the API's limits, but the three together may exceed them.
await using server = process.env["DEEPLY_API_KEY"] ? undefined : await startFakeDeeply({ rateLimits: false })
const env = server ? { ...process.env, DEEPLY_API_KEY: server.apiKey, DEEPLY_HOST: server.url } : process.env

const names = Array.from({ length: workers }, (_, index) => `worker ${index + 1}`)
try {
  const counts = await Promise.all(names.map((name) => superviseWorker(name, jobs, env)))
  const events = counts.reduce((sum, count) => sum + count, 0)
  console.log(`${events} events on ${pages} pages, read by ${workers} workers`)
  if (server) console.log(`token requests at the fake API: ${server.stats.tokenRequests}`)
} catch (error) {
  console.log(String(error))
  process.exitCode = 1
}
