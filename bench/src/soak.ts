// A client under load for a minute, with tokens of two seconds and an issuer that fails a third of its calls. Ends with
// 1 when a promise is broken. `--seconds` shortens it, `--seed` repeats the issuer's failures.
import { createDeeply, isAuthError } from "@tokenkeep/deeply"
import { fork } from "node:child_process"
import { once } from "node:events"
import { parseArgs } from "node:util"
import { latencies } from "./latencies.ts"
import { settledHeap } from "./memory.ts"

const { values } = parseArgs({ options: { seconds: { type: "string" }, seed: { type: "string" } } })
const seconds = Number(values.seconds ?? 60)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const width = 50
const life = 2_000
/** A token that has less left than this may end on the way: then its refusal is no broken promise. */
const margin = 250
/** A fifth of the life, and a tenth more by jitter: earlier than this, no token is renewed. */
const soonest = life - (life / 5) * 1.1

interface Served {
  readonly issueCalls: number
  readonly issued: number
  readonly maxConcurrentIssues: number
  readonly requests: number
  readonly unauthorized: number
  readonly apiKeyLeaks: number
}

const child = fork(new URL("./soakServer.ts", import.meta.url), [String(seed), String(seconds)])
const [{ apiKey, url }] = (await once(child, "message")) as [{ readonly url: string; readonly apiKey: string }]

let unhandled = 0
process.on("unhandledRejection", () => (unhandled += 1))

const counts = { requests: 0, failed: 0, failedWhileGood: 0, events: 0, unwaited: 0, waited: 0, most: 0, attempts: 0 }
const codes = new Map<string, number>()
const deeply = createDeeply({
  apiKey,
  host: url,
  onEvent: (event) => {
    if (event.type === "renewal-failed") counts.attempts += 1
    if (event.type !== "issued" || event.reason === "first") return
    counts[event.waited === 0 ? "unwaited" : "waited"] += 1
    counts.most = Math.max(counts.most, event.waited)
  }
})

const took = latencies()
const until = performance.now() + seconds * 1_000

const request = async (): Promise<void> => {
  const wasGood = (deeply.peek()?.expiresAt ?? 0) - Date.now() > margin
  const start = performance.now()
  let failure: string | undefined
  try {
    const response = await deeply.fetch("/api/v1/events?size=1")
    await response.text()
    if (!response.ok) failure = String(response.status)
  } catch (error) {
    failure = isAuthError(error) ? error.code : String(error)
  }
  took.add(performance.now() - start)
  counts.requests += 1
  if (failure === undefined) return
  counts.failed += 1
  if (wasGood) counts.failedWhileGood += 1
  codes.set(failure, (codes.get(failure) ?? 0) + 1)
}

const keepBusy = async (): Promise<void> => {
  while (performance.now() < until) await request()
}

const started = performance.now()
const busy = Promise.all(Array.from({ length: width }, keepBusy))
// The first seconds warm up: code is compiled, connections are opened, the last 256 events are not yet reached.
await new Promise((resolve) => setTimeout(resolve, seconds * 200))
const before = await settledHeap()
await busy
const elapsed = performance.now() - started
const after = await settledHeap()
// A renewal under way may finish, so that both sides have counted it.
await deeply.dispose()
child.send("stats")
const [served] = (await once(child, "message")) as [Served]
child.disconnect()

const refused = served.issueCalls - served.issued
const renewals = counts.unwaited + counts.waited
const atMost = 1 + Math.floor(elapsed / soonest)
const grown = (after - before) / 1024
const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`

console.log(`Node ${process.versions.node}, seed ${seed}, ${seconds} s, ${width} requests at a time, tokens of 2 s

requests               ${counts.requests}, refused by the server and repeated ${served.unauthorized}
failed                 ${counts.failed} ${[...codes].map(([code, times]) => `${code} ${times}`).join(", ")}
  while a token was good ${counts.failedWhileGood}
issue calls            ${served.issueCalls} = ${served.issued} tokens (at most ${atMost} needed) + ${refused} that failed and were tried again
  at once              ${served.maxConcurrentIssues} at most
renewals               ${renewals}: nobody waited for ${counts.unwaited}, somebody for ${counts.waited} (at most ${counts.most} callers)
  flights that failed  ${counts.attempts}
latency                p50 ${took.at(0.5)} ms, p99 ${took.at(0.99)} ms, longest ${took.at(1)} ms (the server takes 25 ms)
heap                   ${megabytes(before)} after a fifth of the time, ${megabytes(after)} at the end (${grown > 0 ? "+" : ""}${grown.toFixed(0)} KiB)`)

const promises: ReadonlyArray<readonly [kept: boolean, promise: string]> = [
  [counts.requests > 0, "requests were made"],
  [counts.failedWhileGood === 0, "TOK-5: no request fails while its token is good"],
  [counts.unwaited > counts.waited, "TOK-5: most renewals hold nobody up, although a third of the calls fails"],
  [served.maxConcurrentIssues === 1, "TOK-2: one issue call at a time"],
  [served.issued <= atMost, "TOK-2: no more tokens than lives that ended"],
  [served.issued === renewals + 1, "every token that was issued was used"],
  [served.apiKeyLeaks === 0, "KEY-1: the key goes to the issue endpoint alone"],
  [unhandled === 0, "TOK-5: no unhandled rejection"],
  [grown < 2_048, "the heap does not grow"]
]
console.log()
for (const [kept, promise] of promises) console.log(`${kept ? "kept  " : "BROKEN"} ${promise}`)
if (promises.some(([kept]) => !kept)) process.exitCode = 1
