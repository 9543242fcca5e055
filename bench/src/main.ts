// What a token costs: ratios within one interleaved run. Each table holds its first subject twice (A/A), which shows
// how far apart two measurements of the same code are on this machine. `--quick` shortens it to a smoke test.
import { createDeeply } from "@tokenkeep/deeply"
import * as Effect from "effect/Effect"
import { fork } from "node:child_process"
import { once } from "node:events"
import { cpus, loadavg } from "node:os"
import { handWritten } from "./handWritten.ts"
import { interleaved, report, type Subject } from "./measure.ts"

const quick = process.argv.includes("--quick")
const rounds = quick ? 3 : 15
const apiKey = "bench-key-2f6c1d9a"
const path = "/api/v1/events"

const child = fork(new URL("./server.ts", import.meta.url))
const [port] = (await once(child, "message")) as [number]
const base = `http://127.0.0.1:${port}`
/** Its tokens do not tell when they end, as Deeply's do not: a hit reads no clock. */
const unknown = createDeeply({ apiKey, host: base })
/** Its tokens do: a hit reads one. */
const known = createDeeply({ apiKey: `${apiKey}-known`, host: base })
const byHand = handWritten(base, apiKey)
const bearer = { authorization: `Bearer ${(await unknown.token()).reveal()}` }
await byHand.token()
if ((await known.token()).lifetimeSource !== "jwt") throw new Error("The end of the known token is not known.")

const sequential = (name: string, step: () => unknown): Subject => ({
  name,
  run: async (times) => {
    for (let i = 0; i < times; i += 1) await step()
  }
})

/** As `sequential`, without an await: for what answers at once. */
const synchronous = (name: string, step: () => unknown): Subject => ({
  name,
  run: async (times) => {
    for (let i = 0; i < times; i += 1) step()
  }
})

const concurrent = (name: string, width: number, step: () => Promise<unknown>): Subject => ({
  name,
  run: async (times) => {
    for (let i = 0; i < times; i += width) await Promise.all(Array.from({ length: width }, step))
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
      sequential("await token(), end not known", () => unknown.token()),
      sequential("await token(), end known", () => known.token()),
      sequential("await token() by hand", byHand.token),
      synchronous("peek(), end not known", unknown.peek),
      synchronous("peek(), end known", known.peek)
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
      concurrent("token(), end not known", 1_000, () => unknown.token()),
      concurrent("token(), end known", 1_000, () => known.token()),
      concurrent("token() by hand", 1_000, byHand.token)
    ],
    { rounds, times: quick ? 10_000 : 200_000 }
  )
)
report(
  "What a hit spares, or has once",
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
        concurrent("fetch, end not known", width, authorizedUnknown),
        concurrent("fetch, end known", width, authorizedKnown),
        concurrent("fetch by hand", width, hand)
      ],
      { rounds, times: quick ? 100 : width === 1 ? 500 : 2_000 }
    )
  )
}

await unknown.dispose()
await known.dispose()
child.disconnect()
