// Three processes read the events of a Deeply API with one token, which is in a Redis: REDIS_URL, or that of this
// machine. The API is the fake one, or a real one where DEEPLY_API_KEY is set.
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import type { Job } from "./Job.ts"
import { supervise } from "./supervise.ts"

const pages = 20
const workers = 3

const jobs: Array<Job> = Array.from({ length: pages }, (_, index) => ({ page: index + 1, size: 5 }))

// The limits of the API are for each process here: together they would go beyond them.
await using server = process.env["DEEPLY_API_KEY"] ? undefined : await startFakeDeeply({ rateLimits: false })
const env = server ? { ...process.env, DEEPLY_API_KEY: server.apiKey, DEEPLY_HOST: server.url } : process.env

const names = Array.from({ length: workers }, (_, index) => `worker ${index + 1}`)
try {
  const counts = await Promise.all(names.map((name) => supervise(name, jobs, env)))
  const events = counts.reduce((sum, count) => sum + count, 0)
  console.log(`${events} events on ${pages} pages, read by ${workers} workers`)
  if (server) console.log(`issue calls at the fake server: ${server.stats.issueCalls}`)
} catch (error) {
  console.log(String(error))
  process.exitCode = 1
}
