// Prints as JSON what idle clients leave: every pending timer and immediate, also those that are unreferenced, and the
// resources that keep this process alive.
import { createDeeply } from "@tokenkeep/deeply"
import { createHook } from "node:async_hooks"
import { stat } from "node:fs/promises"
import { stubNetwork } from "./stubNetwork.ts"

const scheduled = new Map<number, string>()
// Node has started by now, so everything from here on belongs to the clients.
createHook({
  init: (id, type) => {
    if (type === "Timeout" || type === "Immediate") scheduled.set(id, type)
  },
  destroy: (id) => void scheduled.delete(id)
}).enable()

/** Waits until pending work has completed. It waits for the disk, since a timer would be counted. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await stat(".")
}

/** The resources that keep this process alive, without the pipes to the parent and the last disk operation. */
const keepingAlive = () =>
  process.getActiveResourcesInfo().filter((resource) => resource !== "PipeWrap" && resource !== "FSReqPromise")

globalThis.fetch = stubNetwork
const clients = Array.from({ length: 100 }, (_, i) =>
  createDeeply({ apiKey: `bench-key-${i}-2f6c1d9a`, host: "https://deeply.test" })
)
for (const client of clients) for (let i = 0; i < 3; i += 1) await client.fetch("/api/v1/events")
await settled()
const left = {
  clients: clients.length,
  renewals: clients.filter((client) => client.status().nextRenewalAt !== undefined).length,
  timers: [...scheduled.values()],
  keepAlive: keepingAlive()
}
console.log(JSON.stringify(left))
