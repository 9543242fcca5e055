// The fake Deeply API in a process of its own, so that the soak measures the memory and time of the client only. Its
// tokens are JWTs that live for two seconds, and a third of its token requests fails.
import { type Fault, startFakeDeeply } from "@tokenkeep/deeply/testing"
import { seeded } from "./random.ts"

const [seed = "1", seconds = "60"] = process.argv.slice(2)
const random = seeded(Number(seed))
const server = await startFakeDeeply({
  tokenLifetime: 2_000,
  jwt: true,
  rateLimits: false,
  latency: 25,
  tokenRequestLatency: 25
})

const failures: ReadonlyArray<Fault> = [
  { on: "token-request", status: 500 },
  { on: "token-request", status: 503 },
  { on: "token-request", reset: true }
]
const fault = (): Fault => failures[Math.floor(random() * failures.length)] ?? { on: "token-request" }
server.script(
  Array.from({ length: 20 * Number(seconds) }, () =>
    random() < 1 / 3 ? fault() : ({ on: "token-request" } satisfies Fault)
  )
)

process.on("message", () => {
  const { apiKeyLeaks, tokenRequests, issued, maxConcurrentTokenRequests, requests, unauthorized } = server.stats
  process.send?.({ apiKeyLeaks, tokenRequests, issued, maxConcurrentTokenRequests, requests, unauthorized })
})
process.once("disconnect", () => process.exit(0))
process.send?.({ url: server.url, apiKey: server.apiKey })
