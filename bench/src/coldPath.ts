// How many functions of the packages run on the first `fetch` of a client until its token request is sent, and in how
// many files: what a reader has to follow. Counted by V8.
import { createDeeply } from "@tokenkeep/deeply"
import { FetchTransport } from "@tokenkeep/transport-fetch"
import { Session } from "node:inspector/promises"

const session = new Session()
session.connect()

const sent = Promise.withResolvers<void>()
const transport = FetchTransport.layer({
  fetch: () => {
    sent.resolve()
    return new Promise(() => undefined)
  }
})
const deeply = createDeeply({ apiKey: "bench-key-2f6c1d9a", host: "https://deeply.test", transport })

await session.post("Profiler.enable")
await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false })
void deeply.fetch("/api/v1/events").catch(() => undefined)
await sent.promise
const { result } = await session.post("Profiler.takePreciseCoverage")

const files = result
  .filter(({ url }) => /\/packages\/.*\/src\//.test(url))
  .map(({ functions }) => functions.filter(({ ranges: [range] }) => (range?.count ?? 0) > 0).length)
  .filter((functions) => functions > 0)
const functions = files.reduce((sum, count) => sum + count, 0)
console.log(`${functions} functions in ${files.length} files`)
process.exit()
