import type { TokenEvent } from "@tokenkeep/core"
import { createDeeply } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { setTimeout } from "node:timers/promises"
import * as Report from "./report.ts"

/** Sends requests while a token of two seconds is renewed in the background, so that no request waits. */
export const renewInTime = async (): Promise<void> => {
  await using server = await startFakeDeeply({ rateLimits: false, tokenLifetime: 2_000, jwt: true })
  const events: Array<TokenEvent> = []
  await using deeply = createDeeply({
    apiKey: server.apiKey,
    host: server.host,
    renewal: { window: "1 second" },
    onTokenEvent: (event) => events.push(event)
  })
  const first = await deeply.token()
  const start = performance.now()
  let requests = 0
  while (deeply.peek()?.id === first.id && requests < 1_000) {
    const response = await deeply.fetch("/api/v1/mics")
    await response.body?.cancel()
    requests += 1
    await setTimeout(20)
  }
  Report.done(`renewed a token of 2 s before it expired, during ${requests} requests`, performance.now() - start)

  const issued = events.findLast((event) => event.type === "issued")
  const started = events.findLast((event) => event.type === "renewal-started")
  const inBackground = started?.background === true && issued?.reason === "window"
  Report.detail(`in the background: ${inBackground ? "yes" : "no"} · requests that waited: ${issued?.waited}`)
  if (!inBackground || issued.waited > 0) Report.failed("expected a renewal that no request waits for")
  const { unauthorized } = server.stats
  if (unauthorized > 0) Report.failed(`expected no 401, but the API responded with ${unauthorized}`)
}
