// A sidecar in a process of its own, for tests and measurements. Sends its URL, and on request what it has used.
import { createDeeply } from "@tokenkeep/deeply"
import { startSidecar } from "../../../src/serve/startSidecar.ts"

const [host = ""] = process.argv.slice(2)
const sidecar = await startSidecar({
  listen: "127.0.0.1:0",
  connect: (adapters) =>
    createDeeply({ apiKey: process.env["SIDECAR_API_KEY"] ?? "bench-key-2f6c1d9a", host, ...adapters })
})

process.on("message", (asked) => {
  if (asked === "memory") globalThis.gc?.()
  process.send?.({ cpu: process.cpuUsage(), memory: process.memoryUsage() })
})
process.once("disconnect", () => void sidecar.close({ grace: 0 }).then(() => process.exit(0)))
process.send?.(sidecar.url)
