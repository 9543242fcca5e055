import type { DeeplyClient } from "@tokenkeep/deeply"
import type { RunningFakeDeeply } from "@tokenkeep/deeply/testing"
import { type EventPage, rows } from "./eventPage.ts"
import * as Report from "./Report.ts"

/** The main job: an ordinary fetch that carries a fresh token. */
export const listEvents = async (deeply: DeeplyClient): Promise<void> => {
  const start = performance.now()
  const response = await deeply.fetch("/api/v1/events?size=3")
  if (!response.ok) throw (await deeply.explain(response)) ?? new Error(`The host answered ${response.status}.`)
  const page = (await response.json()) as EventPage
  Report.done(`listed ${page.results.length} of ${page.total_cnt} events with a plain fetch`, performance.now() - start)
  for (const row of rows(page)) Report.detail(row)
}

const inFlight = 50

/** Every token ends while 50 requests are on their way: one issue call, and no request fails. */
export const expireUnderLoad = async (deeply: DeeplyClient, server: RunningFakeDeeply): Promise<void> => {
  const before = server.stats
  // The last of the 50 to arrive ends all tokens; only then are they looked at.
  let arrived = 0
  const { promise: allArrived, resolve: release } = Promise.withResolvers<void>()
  const arrive = () => {
    arrived += 1
    if (arrived === inFlight) {
      server.expireTokens()
      release()
    }
    return allArrived
  }
  server.script([{ on: "general", times: inFlight, before: arrive }])
  const start = performance.now()
  const responses = await Promise.all(Array.from({ length: inFlight }, () => deeply.fetch("/api/v1/events?size=1")))
  const took = performance.now() - start
  await Promise.all(responses.map(async (response) => response.body?.cancel()))
  const { issueCalls, unauthorized } = server.stats
  const failures = responses.filter((response) => !response.ok).length
  const issues = issueCalls - before.issueCalls
  Report.done(`the server expired all tokens under ${inFlight} requests in flight`, took)
  Report.detail(
    `issue calls ${issues} · refused and repeated ${unauthorized - before.unauthorized} · failed ${failures}`
  )
  if (issues !== 1 || failures > 0) Report.failed("there should have been one issue call and no failure")
}
