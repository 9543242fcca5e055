// One process of a fleet: a client on the storage that all share, and callers that need it all the time.
import { createDeeply, isAuthError } from "@tokenkeep/deeply"
import { argv } from "node:process"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { dyingAt } from "./dyingAt.ts"
import type { Job, Order, Tally, Told } from "./Messages.ts"
import { storageAt } from "./Storages.ts"

const { apiKey, callers, deadline, diesAt, place, url } = JSON.parse(argv[2] ?? "{}") as Job
const dying = dyingAt(diesAt)

const tell = (told: Told): void => void process.send?.(told)

const deeply = createDeeply({
  apiKey,
  host: url,
  storage: dying.storage(storageAt(place)),
  transport: FetchTransport.layer({ fetch: dying.fetch }),
  issue: { deadline },
  budget: { burst: 10_000, perSecond: 10_000 },
  onEvent: (event) => tell({ told: "event", event })
})

const counting = () => {
  let requests = 0
  let longestMillis = 0
  const failures: Record<string, number> = {}
  return {
    request: async (): Promise<void> => {
      const start = performance.now()
      let failure: string | undefined
      try {
        const response = await deeply.fetch("/api/v1/mics?size=1")
        await response.text()
        if (!response.ok) failure = String(response.status)
      } catch (error) {
        failure = isAuthError(error) ? error.code : String(error)
      }
      requests += 1
      longestMillis = Math.max(longestMillis, performance.now() - start)
      if (failure !== undefined) failures[failure] = (failures[failure] ?? 0) + 1
    },
    tally: (): Tally => ({ requests, failures, longestMillis: Math.round(longestMillis) })
  }
}

const all = (work: () => Promise<void>) => Promise.all(Array.from({ length: callers }, work))

let isBusy = false
let busy = Promise.resolve<unknown>(undefined)
const total = counting()

const keepBusy = async (): Promise<void> => {
  while (isBusy) {
    await total.request()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

process.on("message", (order: Order) => {
  switch (order.do) {
    case "round": {
      const { request, tally } = counting()
      void all(request).then(() => tell({ told: "round", round: order.round, tally: tally() }))
      return
    }
    case "keep busy":
      isBusy = true
      busy = all(keepBusy)
      return
    case "stop":
      isBusy = false
      void busy
        .then(() => deeply.dispose())
        .then(() => tell({ told: "stopped", tally: total.tally() }))
        .then(() => process.disconnect?.())
  }
})
// A fleet that is gone needs no workers.
process.on("disconnect", () => process.exit())
tell({ told: "ready" })
