// Memory of the ids of a pool, and the time of a cached token, compared with single clients. Every measurement of memory
// has a process of its own. Exits with 1 if a promise is broken. `--ids` sets the number of ids.
import { createDeeply, createDeeplyPool, type DeeplyClient } from "@tokenkeep/deeply"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { execFile } from "node:child_process"
import { createHook } from "node:async_hooks"
import { stat } from "node:fs/promises"
import { parseArgs, promisify } from "node:util"
import { interleaved, report, sequential } from "./measure.ts"
import { settledHeap } from "./memory.ts"
import { reportPromises } from "./promises.ts"
import { stubNetwork } from "./stubNetwork.ts"

const { values } = parseArgs({
  options: { ids: { type: "string" }, memory: { type: "string" }, quick: { type: "boolean" } }
})
const size = Number(values.ids ?? 10_000)
const host = "https://deeply.test"
const keyOf = (id: string) => `bench-key-${id}-2f6c1d9a`
const idOf = (index: number) => `customer-${index}`
const transport = FetchTransport.layer({ fetch: stubNetwork })

const poolOf = (maxOpen?: number) => createDeeplyPool({ apiKey: keyOf, host, transport, maxOpen })

/** What is kept in memory for each used id, in bytes of heap. */
interface Memory {
  /** With the default number of open clients. */
  readonly used: number
  /** After all but one of them were closed; with the record in the memory storage. */
  readonly closed: number
  /** Of a client object that the application keeps. */
  readonly handle: number
  /** While the client is open. */
  readonly open: number
  readonly timers: number
}

/** Uses all ids of a pool of its own, and returns the bytes for each. */
const bytesPerId = async (maxOpen: number | undefined, ids: number) => {
  const pool = poolOf(maxOpen)
  // The first clients compile code and fill caches of the platform, so they do not count.
  for (let index = 0; index < 100; index += 1) await pool.client(`warm-${index}`).fetch("/api/v1/events")
  const before = await settledHeap()
  for (let index = 0; index < ids; index += 1) await pool.client(idOf(index)).fetch("/api/v1/events")
  const after = await settledHeap()
  const handles = Array.from({ length: ids }, (_, index) => pool.client(idOf(index)))
  const handle = Math.round(((await settledHeap()) - after) / handles.length)
  await pool.dispose()
  return { each: Math.round((after - before) / ids), handle }
}

const measured = {
  used: () => bytesPerId(undefined, size),
  closed: () => bytesPerId(1, size),
  open: () => bytesPerId(size + 100, Math.min(size, 2_000))
}

/** How many timers and immediates used ids leave. */
const timersLeft = async (): Promise<number> => {
  const scheduled = new Set<number>()
  createHook({
    init: (id, type) => {
      if (type === "Timeout" || type === "Immediate") scheduled.add(id)
    },
    destroy: (id) => void scheduled.delete(id)
  }).enable()
  const pool = poolOf(100)
  for (let index = 0; index < 300; index += 1) await pool.client(idOf(index)).fetch("/api/v1/events")
  for (let turn = 0; turn < 20; turn += 1) await stat(".")
  return scheduled.size
}

const inOwnProcess = async (what: keyof typeof measured | "timers"): Promise<{ each: number; handle: number }> => {
  const program = new URL(import.meta.url).pathname
  const args = [...process.execArgv, program, "--memory", what, "--ids", `${size}`]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 600_000 })
  return JSON.parse(stdout) as { each: number; handle: number }
}

const measureMemory = async (): Promise<Memory> => {
  const [used, closed, open, timers] = [
    await inOwnProcess("used"),
    await inOwnProcess("closed"),
    await inOwnProcess("open"),
    await inOwnProcess("timers")
  ]
  return { used: used.each, closed: closed.each, open: open.each, handle: used.handle, timers: timers.each }
}

const measureTime = async (): Promise<number> => {
  const single = createDeeply({ apiKey: keyOf("single"), host, transport })
  const pool = poolOf(size + 1)
  const clients: Array<DeeplyClient> = []
  for (let index = 0; index < 2_000; index += 1) {
    const client = pool.client(idOf(index))
    await client.token()
    clients.push(client)
  }
  await single.token()
  const one = clients[0] as DeeplyClient
  // As many clients without a pool: with either, the processor has to load another client's memory each time.
  const singles = clients.map((_, index) => createDeeply({ apiKey: keyOf(`single-${index}`), host, transport }))
  for (const client of singles) await client.token()
  let next = 0
  const nextOf = (list: ReadonlyArray<DeeplyClient>) => list[(next = (next + 1) % list.length)] as DeeplyClient
  const timings = await interleaved(
    [
      sequential("one client", () => single.token()),
      sequential("one client (A/A)", () => single.token()),
      sequential("one of 2,000, kept", () => one.token()),
      sequential("pool.client(id).token()", () => pool.client("customer-1").token()),
      sequential("2,000 single clients in turn", () => nextOf(singles).token()),
      sequential("2,000 of a pool in turn", () => nextOf(clients).token()),
      sequential("fetch, one client", () => single.fetch("/api/v1/events")),
      sequential("fetch, one of 2,000", () => one.fetch("/api/v1/events"))
    ],
    // Short rounds: on a busy machine, some of them are not interrupted.
    { rounds: values.quick === true ? 20 : 150, times: 4_000 }
  )
  report("await token() with a cached token, and fetch over a stub of the network", timings)
  // The fastest rounds: other programs on this machine slow down the rest.
  const fastest = (name: string) => Math.min(...(timings.find((timing) => timing.name === name)?.rounds ?? [NaN]))
  await Promise.all([...singles, single, pool].map((each) => each.dispose()))
  return Math.max(
    fastest("one of 2,000, kept") / fastest("one client"),
    fastest("2,000 of a pool in turn") / fastest("2,000 single clients in turn")
  )
}

if (values.memory === "timers") {
  console.log(JSON.stringify({ each: await timersLeft(), handle: 0 }))
} else if (values.memory !== undefined) {
  console.log(JSON.stringify(await measured[values.memory as keyof typeof measured]()))
} else {
  const memory = await measureMemory()
  console.log(`Node ${process.versions.node}, heap bytes per used id, ${size} ids

used, with 1,000 open at most (default)   ${memory.used}
closed                                    ${memory.closed}
open                                      ${memory.open}
a client object that is kept              ${memory.handle}
timers and immediates of 300 ids          ${memory.timers}`)
  const ratio = await measureTime()
  reportPromises([
    [memory.used <= 10_000, "a used id keeps at most 10 kB"],
    [memory.closed <= 1_000, "a closed client keeps at most 1 kB, with its token in the memory storage"],
    [memory.timers === 0, "POOL-1: no client has a timer"],
    [ratio <= 1.5, `a cached token takes about as long as with one client (ratio ${ratio.toFixed(2)})`]
  ])
}
