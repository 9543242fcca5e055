import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { fork } from "node:child_process"
import { once } from "node:events"
import { expect, it, onTestFinished } from "vitest"
import { sidecarOf } from "./support/servers.ts"

const requests = 2_000
const concurrency = 50

it("TOK-2, REQ-1: 2,000 requests, 50 at a time, while tokens expire every 2 s: none fails", async () => {
  await using fake = await startFakeDeeply({ tokenLifetime: 2_000, rateLimits: false })
  const { url } = await sidecarOf(fake.url, { apiKey: fake.apiKey })
  const statuses = new Map<number, number>()
  let started = 0
  const caller = async () => {
    while (started < requests) {
      started += 1
      const method = started % 4 === 0 ? "POST" : "GET"
      // A POST to this endpoint is refused by the API, after the token was accepted.
      const response = await fetch(`${url}/api/v1/events?size=1`, { method, ...(method === "POST" && { body: "{}" }) })
      await response.bytes()
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
      // So that the requests take longer than several tokens live.
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, caller))
  expect([...statuses.keys()].filter((status) => status === 401 || status >= 500)).toEqual([])
  expect([...statuses.values()].reduce((sum, count) => sum + count)).toBe(requests)
  expect(fake.stats.issued).toBeGreaterThan(2)
  expect(fake.stats.maxConcurrentTokenRequests).toBe(1)
  expect(fake.stats.apiKeyLeaks).toBe(0)
})

it("SEC-1: a sidecar in its own process prints no token, and ends by itself when it is closed", async () => {
  await using fake = await startFakeDeeply()
  const program = new URL("support/sidecarProgram.ts", import.meta.url)
  const child = fork(program, [fake.url], {
    execArgv: ["--conditions=@tokenkeep/source"],
    env: { ...process.env, SIDECAR_API_KEY: fake.apiKey },
    silent: true
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  let printed = ""
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: Buffer) => (printed += text.toString()))
  const [url] = (await once(child, "message")) as [string]
  expect((await fetch(`${url}/api/v1/mics`)).status).toBe(200)
  child.disconnect()
  const [code] = (await once(child, "exit")) as [number | null]
  expect([code, printed]).toEqual([0, ""])
})
