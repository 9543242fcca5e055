// A client under load for a minute. Tokens live for two seconds, and a third of the token requests fails. Exits with 1 if
// a promise is broken. `--seconds` shortens it, `--seed` repeats the failures.
import { createDeeply } from "@tokenkeep/deeply"
import { requestFailure } from "fleet"
import { fork } from "node:child_process"
import { once } from "node:events"
import { parseArgs } from "node:util"
import { latencies } from "./latencies.ts"
import { settledHeap } from "./memory.ts"
import { reportPromises } from "./promises.ts"

const { values } = parseArgs({ options: { seconds: { type: "string" }, seed: { type: "string" } } })
const seconds = Number(values.seconds ?? 60)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const concurrency = 50
/** A token that expires sooner than this, in milliseconds, can expire on the way: its rejection breaks no promise. */
const margin = 250
/**
 * The largest part of a lifetime that is left when a token is renewed: a fifth, and a tenth of that as jitter. What the
 * client knows of a lifetime is one or two seconds: `exp` and `Date` are in whole seconds.
 */
const largestPartLeft = 0.2 * 1.1

interface ServerStats {
  readonly tokenRequests: number
  readonly issued: number
  readonly maxConcurrentTokenRequests: number
  readonly requests: number
  readonly unauthorized: number
  readonly apiKeyLeaks: number
}

const child = fork(new URL("./soakServer.ts", import.meta.url), [String(seed), String(seconds)])
const [{ apiKey, url }] = (await once(child, "message")) as [{ readonly url: string; readonly apiKey: string }]

let unhandled = 0
process.on("unhandledRejection", () => (unhandled += 1))

const counts = {
  requests: 0,
  failed: 0,
  failedWhileValid: 0,
  background: 0,
  blocking: 0,
  mostWaiting: 0,
  failedRenewals: 0,
  early: 0
}
const codes = new Map<string, number>()
const deeply = createDeeply({
  apiKey,
  host: url,
  onTokenEvent: (event) => {
    if (event.type === "renewal-failed") counts.failedRenewals += 1
    if (event.type === "renewal-started" && isEarly(deeply.peek())) counts.early += 1
    if (event.type !== "issued" || event.reason === "first") return
    counts[event.waited === 0 ? "background" : "blocking"] += 1
    counts.mostWaiting = Math.max(counts.mostWaiting, event.waited)
  }
})

const isEarly = (current: ReturnType<typeof deeply.peek>): boolean => {
  const { expiresAt, issuedAt } = current ?? {}
  if (expiresAt === undefined || issuedAt === undefined) return false
  return expiresAt - Date.now() > (expiresAt - issuedAt) * largestPartLeft
}

const took = latencies()
const until = performance.now() + seconds * 1_000

const request = async (): Promise<void> => {
  const wasValid = (deeply.peek()?.expiresAt ?? 0) - Date.now() > margin
  const start = performance.now()
  const failure = await requestFailure(deeply, "/api/v1/events?size=1")
  took.add(performance.now() - start)
  counts.requests += 1
  if (failure === undefined) return
  counts.failed += 1
  if (wasValid) counts.failedWhileValid += 1
  codes.set(failure.code, (codes.get(failure.code) ?? 0) + 1)
}

const keepBusy = async (): Promise<void> => {
  while (performance.now() < until) await request()
}

const busy = Promise.all(Array.from({ length: concurrency }, keepBusy))
// The first seconds compile code, open connections and fill the buffer of the last 256 events.
await new Promise((resolve) => setTimeout(resolve, seconds * 200))
const before = await settledHeap()
await busy
const after = await settledHeap()
// A renewal in flight may complete, so that both sides count it.
await deeply.dispose()
child.send("stats")
const [served] = (await once(child, "message")) as [ServerStats]
child.disconnect()

const refused = served.tokenRequests - served.issued
const renewals = counts.background + counts.blocking
const grown = (after - before) / 1024
const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`

console.log(`Node ${process.versions.node}, seed ${seed}, ${seconds} s, ${concurrency} requests at a time, tokens of 2 s

requests               ${counts.requests}, of which the server rejected ${served.unauthorized} and the client repeated them
failed                 ${counts.failed} ${[...codes].map(([code, times]) => `${code} ${times}`).join(", ")}
  with a valid token   ${counts.failedWhileValid}
token requests         ${served.tokenRequests} = ${served.issued} tokens + ${refused} that failed and were retried
  at once              ${served.maxConcurrentTokenRequests} at most
renewals               ${renewals}: ${counts.background} without a waiting request, ${counts.blocking} with (at most ${counts.mostWaiting} requests)
  too early            ${counts.early}
  failed               ${counts.failedRenewals}
latency                p50 ${took.at(0.5)} ms, p99 ${took.at(0.99)} ms, longest ${took.at(1)} ms (the server takes 25 ms)
heap                   ${megabytes(before)} after a fifth of the time, ${megabytes(after)} at the end (${grown > 0 ? "+" : ""}${grown.toFixed(0)} KiB)`)

reportPromises([
  [counts.requests > 0, "requests were made"],
  [counts.failedWhileValid === 0, "TOK-5: no request fails while its token is valid"],
  [
    counts.background > counts.blocking,
    "TOK-5: most renewals block no request, although a third of the token requests fails"
  ],
  [served.maxConcurrentTokenRequests === 1, "TOK-2: one token request at a time"],
  [counts.early === 0, "TOK-2: no token is replaced before the last fifth of its lifetime"],
  [served.issued === renewals + 1, "every issued token was used"],
  [served.apiKeyLeaks === 0, "KEY-1: the key goes only to the reissue endpoint"],
  [unhandled === 0, "TOK-5: no unhandled rejection"],
  [grown < 2_048, "the heap does not grow"]
])
