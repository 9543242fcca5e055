// What clients cost while they do nothing: memory for each of 1,000 in one process, and what they leave scheduled. Ends
// with 1 when a promise is broken. `--clients` sets how many.
import { createDeeply } from "@tokenkeep/deeply"
import { execFile } from "node:child_process"
import { parseArgs, promisify } from "node:util"
import { settledHeap } from "./memory.ts"
import { stubNetwork } from "./stubNetwork.ts"

const { values } = parseArgs({ options: { clients: { type: "string" } } })
const size = Number(values.clients ?? 1_000)
const rounds = 3

interface Round {
  readonly created: number
  readonly built: number
  readonly holding: number
  readonly disposed: number
}

/** Bytes a client: created, with its services built, with a token, and what stays when it is gone. */
const round = async (): Promise<Round> => {
  const empty = await settledHeap()
  let clients = Array.from({ length: size }, (_, i) =>
    createDeeply({ apiKey: `bench-key-${i}-2f6c1d9a`, host: "https://deeply.test" })
  )
  const created = await settledHeap()
  // Reading events is what builds a client without a request.
  for (const client of clients) client.events()
  const built = await settledHeap()
  for (const client of clients) await client.fetch("/api/v1/events")
  const holding = await settledHeap()
  for (const client of clients) await client.dispose()
  clients = []
  const disposed = await settledHeap()
  const each = (heap: number) => Math.round((heap - empty) / size)
  return { created: each(created), built: each(built), holding: each(holding), disposed: each(disposed) }
}

interface Idle {
  readonly clients: number
  readonly renewals: number
  readonly timers: ReadonlyArray<string>
  readonly keepAlive: ReadonlyArray<string>
}

const idle = async (): Promise<Idle & { readonly took: number }> => {
  const start = performance.now()
  const program = new URL("./idle.ts", import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, program], { timeout: 30_000 })
  return { ...(JSON.parse(stdout) as Idle), took: performance.now() - start }
}

globalThis.fetch = stubNetwork
// The first round compiles code and fills caches of the platform; it does not count.
await round()
const measured: Array<Round> = []
for (let i = 0; i < rounds; i += 1) measured.push(await round())
const left = await idle()

const row = (name: string, of: (each: Round) => number) =>
  console.log(`${name.padEnd(40)}${measured.map((each) => `${of(each)}`.padStart(8)).join("")}`)

console.log(`Node ${process.versions.node}, bytes of heap a client, ${size} clients, ${rounds} rounds\n`)
row("created", ({ created }) => created)
row("its services built", ({ built }) => built)
row("with a token, after one request", ({ holding }) => holding)
row("disposed", ({ disposed }) => disposed)
console.log(`
${left.clients} clients after three requests each, all with a token that is to be renewed in 48 minutes (${left.renewals}):
timers and immediates scheduled         ${left.timers.length} ${left.timers.join(" ")}
what keeps the process alive            ${left.keepAlive.length} ${left.keepAlive.join(" ")}
it ended by itself after                ${left.took.toFixed(0)} ms`)

const promises: ReadonlyArray<readonly [kept: boolean, promise: string]> = [
  [left.renewals === left.clients, "every client knows when its token is to be renewed"],
  [left.timers.length === 0, "TOK-5: and has scheduled nothing for it"],
  [left.keepAlive.length === 0, "RUN-2: nothing keeps an idle process alive"],
  [measured.every(({ disposed }) => disposed < 1_000), "RUN-2: a disposed client leaves no memory in use"]
]
console.log()
for (const [kept, promise] of promises) console.log(`${kept ? "kept  " : "BROKEN"} ${promise}`)
if (promises.some(([kept]) => !kept)) process.exitCode = 1
