// Reads the Deeply API with ky. Without DEEPLY_API_KEY it uses a fake API.
import { createDeeply, isTokenkeepError } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { isHTTPError } from "ky"
import { inspect } from "node:util"
import { createApi } from "./createApi.ts"

interface Page {
  readonly total_cnt: number
  readonly results: ReadonlyArray<{ readonly name: string }>
}

await using server = process.env["DEEPLY_API_KEY"] ? undefined : await startFakeDeeply()
await using deeply = createDeeply(server && { apiKey: server.apiKey, host: server.host })
const api = createApi(deeply)

try {
  // ky retries after a 503.
  server?.script([{ on: "/api/v1/mics", times: 2, status: 503 }])
  const { results, total_cnt } = await api.get("api/v1/mics", { searchParams: { size: 3 } }).json<Page>()
  console.log(`${results.map(({ name }) => name).join(", ")}: ${results.length} of ${total_cnt} microphones`)

  // The client renews an expired token and repeats the request. ky sees only the second response.
  server?.expireTokens()
  await api.get("api/v1/mics", { searchParams: { size: 1 } })
  if (server) console.log(`requests repeated with a new token: ${server.stats.replays}`)

  await api.get("api/v1/mics/unknown")
} catch (error) {
  if (isTokenkeepError(error)) {
    console.log(`${error.code}: ${error.fix}`)
    process.exitCode = 1
  } else if (isHTTPError(error)) {
    // The error contains the request with all headers that ky knows, but not the token.
    const log = inspect(error, { depth: 20, showHidden: true })
    console.error(log)
    const token = (await deeply.token()).reveal()
    console.log(`the logged error ${log.includes(token) ? "holds" : "does not hold"} the token`)
  } else throw error
}
