// The fake Deeply API in a process of its own, so that the memory and the time that the soak measures are the client's.
// Its tokens live for two seconds and say so, and it fails a third of its issue calls.
import { type Fault, startFakeDeeply } from "@tokenkeep/deeply/testing"
import { seeded } from "./random.ts"

const [seed = "1", seconds = "60"] = process.argv.slice(2)
const random = seeded(Number(seed))
const server = await startFakeDeeply({
  tokenLifetime: 2_000,
  jwt: true,
  rateLimits: false,
  latency: 25,
  issueLatency: 25
})

const failures: ReadonlyArray<Fault> = [
  { on: "issue", status: 500 },
  { on: "issue", status: 503 },
  { on: "issue", reset: true }
]
const fault = (): Fault => failures[Math.floor(random() * failures.length)] ?? { on: "issue" }
server.script(
  Array.from({ length: 20 * Number(seconds) }, () => (random() < 1 / 3 ? fault() : ({ on: "issue" } satisfies Fault)))
)

process.on("message", () => {
  const { apiKeyLeaks, issueCalls, issued, maxConcurrentIssues, requests, unauthorized } = server.stats
  process.send?.({ apiKeyLeaks, issueCalls, issued, maxConcurrentIssues, requests, unauthorized })
})
process.once("disconnect", () => process.exit(0))
process.send?.({ url: server.url, apiKey: server.apiKey })
