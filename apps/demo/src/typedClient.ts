import { createDeeply, type DeeplyClient, isTokenkeepError } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { rows } from "./eventPage.ts"
import * as Report from "./report.ts"

/** Reads one page with types. */
export const readPage = async (deeply: DeeplyClient): Promise<void> => {
  const start = performance.now()
  const page = await deeply.events.list({ size: 3 })
  const counts = `${page.results.length} of ${page.total_cnt}`
  Report.done(`events.list() returned ${counts} events, validated and typed`, performance.now() - start)
  for (const row of rows(page)) Report.detail(row)
}

/** `all()` fetches a page only when the loop needs it. */
export const stopEarly = async (): Promise<void> => {
  await using server = await startFakeDeeply()
  await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
  const start = performance.now()
  let read = 0
  for await (const _ of deeply.events.all({ size: 10 })) {
    read += 1
    if (read === 25) break
  }
  Report.done(`a loop over events.all() stopped after ${read} of 100 events`, performance.now() - start)
  const { requests } = server.stats
  Report.detail(`requests: ${requests}, for pages of 10 events`)
  if (requests !== 3) Report.failed("expected three requests")
}

const calls = 15

/** More calls at once than the API allows: they wait for their turn, or fail if that takes longer than `maxWait`. */
export const respectRateLimit = async (): Promise<void> => {
  await using server = await startFakeDeeply()
  const connection = { apiKey: server.apiKey, host: server.host }
  await using patient = createDeeply({ ...connection, maxWait: "10 seconds" })
  const start = performance.now()
  await Promise.all(Array.from({ length: calls }, () => patient.mics.list()))
  Report.done(`${calls} calls at once, where the API allows 10 per second`, performance.now() - start)
  Report.detail(`succeeded: ${calls} · failed: 0`)

  await using impatient = createDeeply({ ...connection, maxWait: "1 millis" })
  const results = await Promise.allSettled(Array.from({ length: calls }, () => impatient.events.list()))
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []))
  const [error] = errors.filter(isTokenkeepError)
  if (error?.code !== "RATE_LIMITED") return Report.failed("expected RATE_LIMITED for calls that may not wait")
  Report.expectedError(`${errors.length} of ${calls} with maxWait 1 ms`, error.code, error.fix)
}
