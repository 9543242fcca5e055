// Memory of each of 1,000 idle clients in one process, and the timers that idle clients leave. Exits with 1 if a promise
// is broken. `--clients` sets the number of clients.
import * as Effect from "effect/Effect"
import { createDeeply } from "@tokenkeep/deeply"
import { execFile } from "node:child_process"
import { parseArgs, promisify } from "node:util"
import { settledHeap } from "./memory.ts"
import { reportPromises } from "./promises.ts"
import { stubNetwork } from "./stubNetwork.ts"

const { values } = parseArgs({ options: { clients: { type: "string" } } })
const size = Number(values.clients ?? 1_000)
const rounds = 3

interface Round {
  readonly created: number
  readonly built: number
  readonly withToken: number
  readonly disposed: number
}

/** Heap bytes per client: created, with its services built, with a token, and disposed. */
const round = async (): Promise<Round> => {
  const empty = await settledHeap()
  let clients = Array.from({ length: size }, (_, i) =>
    createDeeply({ apiKey: `bench-key-${i}-2f6c1d9a`, host: "https://deeply.test" })
  )
  const created = await settledHeap()
  // `run` builds the services without sending a request.
  for (const client of clients) await client.run(Effect.void)
  const built = await settledHeap()
  for (const client of clients) await client.fetch("/api/v1/events")
  const withToken = await settledHeap()
  for (const client of clients) await client.dispose()
  clients = []
  const disposed = await settledHeap()
  const each = (heap: number) => Math.round((heap - empty) / size)
  return { created: each(created), built: each(built), withToken: each(withToken), disposed: each(disposed) }
}

interface Idle {
  readonly clients: number
  readonly renewals: number
  readonly timers: ReadonlyArray<string>
  readonly keepAlive: ReadonlyArray<string>
}

const idle = async (): Promise<Idle & { readonly millis: number }> => {
  const start = performance.now()
  const program = new URL("./idle.ts", import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, program], { timeout: 30_000 })
  return { ...(JSON.parse(stdout) as Idle), millis: performance.now() - start }
}

globalThis.fetch = stubNetwork
// The first round compiles code and fills caches of the platform, so it does not count.
await round()
const measured: Array<Round> = []
for (let i = 0; i < rounds; i += 1) measured.push(await round())
const left = await idle()

const row = (name: string, of: (each: Round) => number) =>
  console.log(`${name.padEnd(40)}${measured.map((each) => `${of(each)}`.padStart(8)).join("")}`)

console.log(`Node ${process.versions.node}, heap bytes per client, ${size} clients, ${rounds} rounds\n`)
row("created", ({ created }) => created)
row("services built", ({ built }) => built)
row("with a token, after one request", ({ withToken }) => withToken)
row("disposed", ({ disposed }) => disposed)
console.log(`
${left.clients} clients after three requests each, of which ${left.renewals} have a token to renew in 48 minutes:
timers and immediates                   ${left.timers.length} ${left.timers.join(" ")}
resources that keep the process alive   ${left.keepAlive.length} ${left.keepAlive.join(" ")}
the process ended by itself after       ${left.millis.toFixed(0)} ms`)

reportPromises([
  [left.renewals === left.clients, "every client knows when to renew its token"],
  [left.timers.length === 0, "TOK-5: no client has scheduled a timer for it"],
  [left.keepAlive.length === 0, "RUN-2: nothing keeps an idle process alive"],
  [measured.every(({ disposed }) => disposed < 1_000), "RUN-2: a disposed client keeps less than 1,000 bytes"]
])
