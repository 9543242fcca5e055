// What every process of a fleet does: its callers send requests, and it reports what becomes of them.
import type { TokenKeep } from "@tokenkeep/core"
import { appendFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { awakeClock } from "./awakeClock.ts"
import type { Command, Failure, MemberIdentity, MemberMessage, ProcessOptions, Progress } from "./Protocol.ts"
import { requestFailure } from "./requestFailure.ts"

/** A client of the process; it has a name if there are several. */
export interface MemberClient {
  readonly name?: string
  readonly keep: Pick<TokenKeep, "fetch" | "dispose"> & Partial<Pick<TokenKeep, "status">>
}

/** Sends a message to the parent. If it is gone, the report is not needed: the process ends on "disconnect". */
export const send = (message: MemberMessage): void =>
  void process.send?.(message, undefined, undefined, () => undefined)

/** Uses the clients until the fleet stops. Each request is a GET for this path. */
export const runMember = (
  clients: ReadonlyArray<MemberClient>,
  path: string,
  { callers, failureLog, id, pause }: ProcessOptions & MemberIdentity
): void => {
  const awake = awakeClock()
  let requests = 0
  let failed = 0
  let longestWait = 0
  /** When each request in flight started, oldest first. */
  const started = new Set<{ readonly at: number }>()

  const request = async ({ keep, name }: MemberClient): Promise<void> => {
    const start = { at: awake() }
    started.add(start)
    const failure = await requestFailure(keep, path)
    started.delete(start)
    const waited = awake() - start.at
    requests += 1
    longestWait = Math.max(longestWait, waited)
    if (failure === undefined) return
    failed += 1
    const record: Failure = { at: Date.now(), process: id, client: name, ...failure, waitedMillis: Math.round(waited) }
    // Synchronous, so that no kill after this line can lose the failure.
    appendFileSync(failureLog, `${JSON.stringify(record)}\n`)
  }

  const lease = (): Progress["lease"] => {
    const states = clients.map(({ keep }) => keep.status?.().lease.state)
    return states.find((state) => state === "held") ?? states.find((state) => state === "waiting") ?? "none"
  }

  const reportProgress = (): void => {
    const [oldest] = started
    // A request that never completes counts as well.
    const longest = Math.max(longestWait, oldest === undefined ? 0 : awake() - oldest.at)
    const status = clients[0]?.keep.status?.()
    send({ type: "progress", requests, failed, longestWaitMillis: Math.round(longest), lease: lease(), status })
  }

  let isStopping = false
  const keepBusy = async (client: MemberClient, average: number): Promise<void> => {
    while (!isStopping) {
      await request(client)
      await sleep(average * (0.5 + Math.random()))
    }
  }

  const perCaller = (work: (client: MemberClient) => Promise<void>) =>
    Promise.all(clients.flatMap((client) => Array.from({ length: callers }, () => work(client))))

  send({ type: "ready" })
  const busy = pause === undefined ? undefined : perCaller((client) => keepBusy(client, pause))
  setInterval(reportProgress, 100)

  process.on("message", async (command: Command) => {
    if (command === "round") {
      await perCaller(request)
      reportProgress()
      return send({ type: "round-done" })
    }
    isStopping = true
    await busy
    await Promise.all(clients.map(({ keep }) => keep.dispose()))
    reportProgress()
    return send({ type: "stopped" })
  })
  process.on("disconnect", () => process.exit())
}
