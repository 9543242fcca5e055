import { createDeeply } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { setTimeout } from "node:timers/promises"
import * as Report from "./Report.ts"

/** Tokens of two seconds, and requests all the time: the token is replaced before its end, and no request waits. */
export const renewInTime = async (): Promise<void> => {
  await using server = await startFakeDeeply({ rateLimits: false, tokenLifetime: 2_000, jwt: true })
  const renewal = { window: "1 second" } as const
  await using deeply = createDeeply({ apiKey: server.apiKey, host: server.host, renewal })
  const first = await deeply.token()
  const events = deeply.events()
  const start = performance.now()
  let requests = 0
  while (deeply.peek()?.id === first.id && requests < 1_000) {
    const response = await deeply.fetch("/api/v1/mics")
    await response.body?.cancel()
    requests += 1
    await setTimeout(20)
  }
  Report.done(`replaced a token of 2 s before its end, in ${requests} requests`, performance.now() - start)
  let background = false
  for await (const event of events) {
    if (event.type === "renewal-started") ({ background } = event)
    if (event.type !== "issued" || event.tokenId === first.id) continue
    const { reason, waited } = event
    Report.detail(`reason ${reason} · background ${background ? "yes" : "no"} · callers who waited ${waited}`)
    if (reason !== "window" || !background || waited > 0) Report.failed("nobody should have waited")
    break
  }
  const { unauthorized } = server.stats
  if (unauthorized > 0) Report.failed(`no request should have been refused, and ${unauthorized} were`)
}
