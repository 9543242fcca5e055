// One process of a fleet: a client on the shared storage, and callers that send requests with it.
import { createDeeply } from "@tokenkeep/deeply"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { appendFileSync } from "node:fs"
import { argv } from "node:process"
import { setTimeout as sleep } from "node:timers/promises"
import { awakeClock } from "./awakeClock.ts"
import { crashAt } from "./crashAt.ts"
import type { Command, Failure, MemberIdentity, MemberMessage, MemberOptions } from "./Protocol.ts"
import { requestFailure } from "./requestFailure.ts"
import { storageLayer } from "./storageLayer.ts"

const options = JSON.parse(argv[2] ?? "{}") as MemberOptions & MemberIdentity
const crashing = crashAt(options.crashAt)
const awake = awakeClock()

// If the parent is gone, the report is not needed: the process ends on "disconnect".
const send = (message: MemberMessage): void => void process.send?.(message, undefined, undefined, () => undefined)

const deeply = createDeeply({
  apiKey: options.apiKey,
  host: options.host,
  storage: crashing.storage(storageLayer(options.storageUrl)),
  transport: FetchTransport.layer({ fetch: crashing.fetch }),
  tokenRequest: { deadline: options.deadline },
  budget: { burst: 10_000, perSecond: 10_000 },
  onTokenEvent: (event) => send({ type: "event", event })
})

let requests = 0
let longestWait = 0
/** When each request in flight started, oldest first. */
const started = new Set<{ readonly at: number }>()

const request = async (): Promise<void> => {
  const start = { at: awake() }
  started.add(start)
  const failure = await requestFailure(deeply, "/api/v1/mics?size=1")
  started.delete(start)
  const waited = awake() - start.at
  requests += 1
  longestWait = Math.max(longestWait, waited)
  if (failure === undefined) return
  const record: Failure = { at: Date.now(), process: options.id, ...failure, waitedMillis: Math.round(waited) }
  // Synchronous, so that no kill after this line can lose the failure.
  appendFileSync(options.failureLog, `${JSON.stringify(record)}\n`)
}

const reportProgress = (): void => {
  const [oldest] = started
  // A request that never completes counts as well.
  const longest = Math.max(longestWait, oldest === undefined ? 0 : awake() - oldest.at)
  send({ type: "progress", requests, longestWaitMillis: Math.round(longest), lease: deeply.status().lease.state })
}

let isStopping = false
const keepBusy = async (pause: number): Promise<void> => {
  while (!isStopping) {
    await request()
    await sleep(pause * (0.5 + Math.random()))
  }
}

const perCaller = (work: () => Promise<void>) => Promise.all(Array.from({ length: options.callers }, work))

send({ type: "ready" })
const { pause } = options
const busy = pause === undefined ? undefined : perCaller(() => keepBusy(pause))
setInterval(reportProgress, 100)

process.on("message", async (command: Command) => {
  if (command === "round") {
    await perCaller(request)
    reportProgress()
    return send({ type: "round-done" })
  }
  isStopping = true
  await busy
  await deeply.dispose()
  reportProgress()
  return send({ type: "stopped" })
})
process.on("disconnect", () => process.exit())
