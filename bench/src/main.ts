// The overhead of a token, as ratios within one interleaved run. Each table measures its first case twice (A/A), which
// shows how much two measurements of the same code differ on this machine. `--quick` shortens it to a smoke test.
import { createDeeply } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import * as Effect from "effect/Effect"
import { fork } from "node:child_process"
import { once } from "node:events"
import { cpus, loadavg } from "node:os"
import { handWritten } from "./handWritten.ts"
import { type Case, concurrent, interleaved, report, sequential } from "./measure.ts"

const quick = process.argv.includes("--quick")
const rounds = quick ? 3 : 15
const apiKey = "bench-key-2f6c1d9a"
const path = "/api/v1/events"

const child = fork(new URL("./server.ts", import.meta.url))
const [port] = (await once(child, "message")) as [number]
const base = `http://127.0.0.1:${port}`
/** Its tokens do not say when they expire, like those of Deeply: a cached token is returned without reading a clock. */
const unknown = createDeeply({ apiKey, host: base })
/** Its tokens are JWTs with an expiry: the fast path reads the clock. */
const known = createDeeply({ apiKey: `${apiKey}-known`, host: base })
const byHand = handWritten(base, apiKey)
const bearer = { authorization: `Bearer ${(await unknown.token()).reveal()}` }
await byHand.token()
if ((await known.token()).lifetimeSource !== "jwt") throw new Error("The expiry of the JWT was not read.")

/** As `sequential`, without an await. */
const synchronous = (name: string, step: () => unknown): Case => ({
  name,
  run: async (times) => {
    for (let i = 0; i < times; i += 1) step()
  }
})

const nothing = Effect.succeed(undefined)
const noop = async () => undefined
const bare = async () => (await fetch(base + path, { headers: bearer })).text()
const authorizedUnknown = async () => (await unknown.fetch(path)).text()
const authorizedKnown = async () => (await known.fetch(path)).text()
const hand = async () => (await byHand.fetch(path)).text()

console.log(`Node ${process.versions.node}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, ${rounds} rounds`)

report(
  "The token, one after the other",
  await interleaved(
    [
      sequential("await an async no-op", noop),
      sequential("await an async no-op (A/A)", noop),
      sequential("await token(), expiry unknown", () => unknown.token()),
      sequential("await token(), expiry known", () => known.token()),
      sequential("await token() by hand", byHand.token),
      synchronous("peek(), expiry unknown", unknown.peek),
      synchronous("peek(), expiry known", known.peek)
    ],
    { rounds, times: quick ? 10_000 : 300_000 }
  )
)
report(
  "The token, 1,000 callers at once",
  await interleaved(
    [
      concurrent("an async no-op", 1_000, noop),
      concurrent("an async no-op (A/A)", 1_000, noop),
      concurrent("token(), expiry unknown", 1_000, () => unknown.token()),
      concurrent("token(), expiry known", 1_000, () => known.token()),
      concurrent("token() by hand", 1_000, byHand.token)
    ],
    { rounds, times: quick ? 10_000 : 200_000 }
  )
)
report(
  "Operations that the fast path avoids, or does once",
  await interleaved(
    [
      sequential("await an async no-op", noop),
      sequential("await an async no-op (A/A)", noop),
      synchronous("one clock: Date.now()", Date.now),
      synchronous("another: performance.now()", () => performance.now()),
      synchronous("a URL: new URL(path, base).href", () => new URL(path, base).href),
      sequential("a runtime: Effect.runPromise", () => Effect.runPromise(nothing))
    ],
    { rounds, times: quick ? 10_000 : 200_000 }
  )
)
for (const width of [1, 50]) {
  report(
    `An authorized GET over loopback, ${width} at a time`,
    await interleaved(
      [
        concurrent("bare fetch", width, bare),
        concurrent("bare fetch (A/A)", width, bare),
        concurrent("fetch, expiry unknown", width, authorizedUnknown),
        concurrent("fetch, expiry known", width, authorizedKnown),
        concurrent("fetch by hand", width, hand)
      ],
      { rounds, times: quick ? 100 : width === 1 ? 500 : 2_000 }
    )
  )
}

/** Requests that all find their token revoked: one renewal, then each request is sent again. */
const revoked = (name: string, send: (path: string) => Promise<Response>): Case => ({
  name,
  run: async (times) => {
    for (let i = 0; i < times; i += 200) {
      server.revokeTokens()
      await Promise.all(Array.from({ length: 200 }, async () => (await send(path)).text()))
    }
  }
})
const server = await startFakeDeeply({ apiKey, rateLimits: false, latency: 5 })
const renewing = createDeeply({ apiKey, host: server.host, budget: { burst: 1_000 } })
const renewingByHand = handWritten(server.url, apiKey)
report(
  "200 requests at once on a revoked token",
  await interleaved(
    [
      revoked("by hand", renewingByHand.fetch),
      revoked("by hand (A/A)", renewingByHand.fetch),
      revoked("fetch", renewing.fetch)
    ],
    { rounds, times: quick ? 200 : 1_000 }
  )
)
await renewing.dispose()
await server.close()

await unknown.dispose()
await known.dispose()
child.disconnect()
