import type { DeeplyClient } from "@tokenkeep/deeply"
import type { RunningFakeDeeply } from "@tokenkeep/deeply/testing"
import { type EventPage, rows } from "./eventPage.ts"
import * as Report from "./report.ts"

/** An ordinary fetch that adds a valid token. */
export const listEvents = async (deeply: DeeplyClient): Promise<void> => {
  const start = performance.now()
  const response = await deeply.fetch("/api/v1/events?size=3")
  if (!response.ok) throw (await deeply.explain(response)) ?? new Error(`The API responded with ${response.status}.`)
  const page = (await response.json()) as EventPage
  Report.done(`fetched ${page.results.length} of ${page.total_cnt} events`, performance.now() - start)
  for (const row of rows(page)) Report.detail(row)
}

const concurrency = 50

/** Makes the server expire all tokens once 50 requests have arrived, before it checks any of them. */
const expireTokensDuringRequests = (server: RunningFakeDeeply): void => {
  const { promise: expired, resolve } = Promise.withResolvers<void>()
  let arrived = 0
  const before = () => {
    arrived += 1
    if (arrived === concurrency) {
      server.expireTokens()
      resolve()
    }
    return expired
  }
  server.script([{ on: "general", times: concurrency, before }])
}

/** If the token expires under load, one token request renews it for all, and no request fails. */
export const expireUnderLoad = async (deeply: DeeplyClient, server: RunningFakeDeeply): Promise<void> => {
  const before = server.stats
  expireTokensDuringRequests(server)
  const start = performance.now()
  const responses = await Promise.all(Array.from({ length: concurrency }, () => deeply.fetch("/api/v1/events?size=1")))
  const millis = performance.now() - start
  await Promise.all(responses.map(async (response) => response.body?.cancel()))

  const tokenRequests = server.stats.tokenRequests - before.tokenRequests
  const repeated = server.stats.unauthorized - before.unauthorized
  const failed = responses.filter((response) => !response.ok).length
  Report.done(`the token expired while ${concurrency} requests were under way`, millis)
  Report.detail(`token requests: ${tokenRequests} · repeated with the new token: ${repeated} · failed: ${failed}`)
  if (tokenRequests !== 1 || failed > 0) Report.failed("expected one token request and no failed request")
}
