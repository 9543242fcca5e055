// What a token costs: ratios within one interleaved run. Each table holds its first subject twice (A/A), which shows
// how far apart two measurements of the same code are on this machine. `--quick` shortens it to a smoke test.
import { createDeeply } from "@tokenkeep/deeply"
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
const deeply = createDeeply({ apiKey, host: base })
const byHand = handWritten(base, apiKey)
const bearer = { authorization: `Bearer ${(await deeply.token()).reveal()}` }
await byHand.token()

const sequential = (name: string, once: () => unknown): Subject => ({
  name,
  run: async (times) => {
    for (let i = 0; i < times; i += 1) await once()
  }
})

/** As `sequential`, without an await: for what answers at once. */
const synchronous = (name: string, once: () => unknown): Subject => ({
  name,
  run: async (times) => {
    for (let i = 0; i < times; i += 1) once()
  }
})

const concurrent = (name: string, width: number, once: () => Promise<unknown>): Subject => ({
  name,
  run: async (times) => {
    for (let i = 0; i < times; i += width) await Promise.all(Array.from({ length: width }, once))
  }
})

const noop = async () => undefined
const bare = async () => (await fetch(base + path, { headers: bearer })).text()
const authorized = async () => (await deeply.fetch(path)).text()
const hand = async () => (await byHand.fetch(path)).text()

console.log(`Node ${process.versions.node}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, ${rounds} rounds`)

report(
  "The token, one after the other",
  await interleaved(
    [
      sequential("await an async no-op", noop),
      sequential("await an async no-op (A/A)", noop),
      sequential("await deeply.token()", () => deeply.token()),
      sequential("await token() by hand", byHand.token),
      synchronous("deeply.peek()", deeply.peek)
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
      concurrent("deeply.token()", 1_000, () => deeply.token()),
      concurrent("token() by hand", 1_000, byHand.token)
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
        concurrent("deeply.fetch", width, authorized),
        concurrent("fetch by hand", width, hand)
      ],
      { rounds, times: quick ? 100 : width === 1 ? 500 : 2_000 }
    )
  )
}

await deeply.dispose()
child.disconnect()
