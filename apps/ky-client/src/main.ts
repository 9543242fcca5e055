// Reads a Deeply API with ky: the fake one, or a real one where DEEPLY_API_KEY is set.
import { createDeeply, isAuthError } from "@tokenkeep/deeply"
import { startFakeDeeply } from "@tokenkeep/deeply/testing"
import { isHTTPError } from "ky"
import { inspect } from "node:util"
import { apiOf } from "./api.ts"

interface Page {
  readonly total_cnt: number
  readonly results: ReadonlyArray<{ readonly name: string }>
}

await using server = process.env["DEEPLY_API_KEY"] ? undefined : await startFakeDeeply()
await using deeply = createDeeply(server && { apiKey: server.apiKey, host: server.host })
const api = apiOf(deeply)

/** Everything that there is to print of an error, as it would end in a log; and whether the token is in it. */
const logWhole = (error: Error, token: string): void => {
  const log = inspect(error, { depth: 20, showHidden: true })
  console.error(log)
  const what = log.includes("request: Request") ? "the log, which has the request," : "the log"
  console.log(`${what} ${log.includes(token) ? "holds the token" : "does not hold the token"}`)
}

try {
  server?.script([{ on: "/api/v1/mics", times: 2, status: 503 }])
  const { results, total_cnt } = await api.get("api/v1/mics", { searchParams: { size: 3 } }).json<Page>()
  console.log(`${results.map(({ name }) => name).join(", ")}: ${results.length} of ${total_cnt} microphones`)

  server?.expireTokens()
  await api.get("api/v1/mics", { searchParams: { size: 1 } })
  if (server) console.log(`renewed and repeated beneath ky: ${server.stats.replays}`)

  await api.get("api/v1/mics/mic-of-nobody")
} catch (error) {
  if (isAuthError(error)) {
    console.log(`${error.code}: ${error.fix}`)
    process.exitCode = 1
  } else if (isHTTPError(error)) {
    console.log(`the API answered ${error.response.status}`)
    logWhole(error, (await deeply.token()).reveal())
  } else throw error
}
