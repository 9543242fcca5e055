import { createDeeply, type DeeplyClient, isAuthError } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { rows } from "./eventPage.ts"
import * as Report from "./Report.ts"

/** One page by type, and a loop over all that stops early. */
export const readByType = async (deeply: DeeplyClient): Promise<void> => {
  const start = performance.now()
  const page = await deeply.events.list({ size: 3 })
  Report.done(`events.list: ${page.results.length} of ${page.total_cnt}, checked and typed`, performance.now() - start)
  for (const row of rows(page)) Report.detail(row)
}

/** `all()` fetches a page when the loop gets there, and none after it. */
export const stopEarly = async (): Promise<void> => {
  await using server = await startFakeDeeply()
  await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host })
  const start = performance.now()
  let read = 0
  for await (const _ of deeply.events.all({ size: 10 })) {
    read += 1
    if (read === 25) break
  }
  Report.done(`events.all: a loop over 100 events that stopped after ${read}`, performance.now() - start)
  const { requests } = server.stats
  Report.detail(`pages of 10 · requests ${requests}`)
  if (requests !== 3) Report.failed("there should have been three requests")
}

const burst = 15

/** More calls at once than the API takes in a second: they wait for their turn, and past their patience they say so. */
export const waitInLine = async (): Promise<void> => {
  await using server = await startFakeDeeply()
  await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host, patience: "10 seconds" })
  const start = performance.now()
  await Promise.all(Array.from({ length: burst }, () => deeply.mics.list()))
  Report.done(`mics.list: ${burst} calls at once, where the API takes 10 a second`, performance.now() - start)
  Report.detail(`answered ${burst} · failed 0`)
  await using hasty = createDeeply({ apiKey: server.apiKey, host: server.host, patience: 1 })
  const results = await Promise.allSettled(Array.from({ length: burst }, () => hasty.events.list()))
  const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []))
  const [error] = errors.filter(isAuthError)
  if (error?.code !== "RATE_LIMITED") return Report.failed("a call without patience should have been RATE_LIMITED")
  Report.explained(`${errors.length} without patience`, error.code, error.fix)
}
